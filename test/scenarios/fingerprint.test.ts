import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

scenario('a file that had less than 1 KiB when it was first seen is known again in its .gz after a kill', async () => {
  await using lab = await startAgent();
  const first = numbered('first', 20);
  const second = numbered('second', 300);
  const unread = numbered('unread', 300);
  await lab.logs.append('app.log', asText(first));
  await lab.delivered(first);
  await lab.logs.append('app.log', asText(second));
  await lab.delivered([...first, ...second]);
  lab.forgetDelivered();
  const then = Date.now();
  await lab.logs.append('app.log', 'third\n');
  await lab.delivered([...first, ...second, 'third']);
  await lab.shows('a commit', ({ state }) => Date.parse(state.last_commit ?? '') > then);
  lab.forgetDelivered();
  await lab.kill9();
  await lab.logs.append('app.log', asText(unread));
  await lab.logs.gzip('app.log', 'app.log.1.gz');
  await lab.start();
  await lab.delivered([...first, ...second, 'third', ...unread]);
});
