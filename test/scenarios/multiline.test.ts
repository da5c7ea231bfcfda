import assert from 'node:assert/strict';
import { scenario, startAgent } from '../support/lab.js';
import { staysTrue } from '../support/until.js';

const trace = [
  'java.lang.IllegalStateException: broken',
  '\tat com.acme.Shop.close(Shop.java:5)',
  '',
  'Caused by: java.io.IOException: why',
  '\tat com.acme.Shop.read(Shop.java:9)',
];
const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

scenario('a stack trace is one record without any setting', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.logs.append('app.log', asText(['before', ...trace, 'after']));
  await lab.delivered(['before', trace.join('\n'), 'after']);
});

scenario('a trace waits for its next line as long as is set, and each line starts the wait anew', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_MULTILINE_TIMEOUT: '2s' } });
  for (const line of trace) {
    await lab.logs.append('app.log', `${line}\n`);
    await staysTrue(() => lab.server.lines.length === 0, 300, 'nothing is sent while the trace grows');
  }
  await lab.delivered([trace.join('\n')]);
});

scenario('a line of JSON goes at once, also while lines of text wait in another file', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_MULTILINE_TIMEOUT: '1h' } });
  await lab.logs.append('text.log', 'waits\n');
  await lab.logs.append('app.log', '{"msg":"goes"}\n');
  await lab.delivered(['goes']);
});

scenario('kills between the lines of a trace leave it one record', async () => {
  await using lab = await startAgent({ outputs: 'elasticsearch', env: { PANNIER_MULTILINE_TIMEOUT: '20s' } });
  await lab.logs.append('app.log', asText(['before', ...trace.slice(0, 2)]));
  await lab.delivered(['before']);
  await lab.kill9();
  await lab.start();
  await lab.logs.append('app.log', asText(trace.slice(2, 4)));
  await staysTrue(() => lab.server.stored.length === 1, 300, 'the trace waits');
  await lab.kill9();
  await lab.start();
  await lab.logs.append('app.log', asText([trace[4]!, 'after', '{"msg":"end"}']));
  await lab.delivered(['before', trace.join('\n'), 'after', 'end']);
});

scenario(
  'a trace at the end of a renamed file goes before the lines of its successor, within a second or so',
  async () => {
    await using lab = await startAgent({ outputs: 'http', env: { PANNIER_MULTILINE_TIMEOUT: '1h' } });
    await lab.logs.append('app.log', asText(trace));
    await lab.shows('the file', ({ files_total }) => files_total === 1);
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.logs.append('app.log', 'successor\n{"msg":"end"}\n');
    await lab.delivered([trace.join('\n'), 'successor', 'end']);
  },
);

scenario('what is open when the drain begins is shipped after the quiet time', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_MULTILINE_TIMEOUT: '1h' } });
  await lab.logs.append('app.log', asText(trace));
  await lab.shows('the file', ({ files_total }) => files_total === 1);
  assert.equal(await lab.stop(), 0, lab.agent.tail());
  await lab.delivered([trace.join('\n')]);
});
