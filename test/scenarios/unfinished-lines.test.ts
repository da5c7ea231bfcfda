import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { asObject } from '../support/bulk-api.js';
import { scenario, startAgent } from '../support/lab.js';
import { staysTrue } from '../support/until.js';

scenario('a line is one record however many writes it takes', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '20s' } });
  const line = Buffer.from('caf\u00e9 \u{1f980} done\n');
  for (const byte of line) await lab.logs.append('app.log', Buffer.of(byte));
  await lab.delivered(['caf\u00e9 \u{1f980} done']);
});

scenario('an unterminated last line goes after its time-out; what comes then is a numbered part of it', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '500ms' } });
  await lab.logs.append('app.log', 'before\nfirst half');
  await lab.delivered(['before', 'first half']);
  await lab.logs.append('app.log', ' and second\nafter\n');
  await lab.delivered(['before', 'first half', ' and second', 'after']);
  const rest = lab.server.stored.find(({ document }) => document.message === ' and second');
  assert.deepEqual(asObject(rest?.document.log)?.part, { offset: 7, index: 1, last: true });
});

scenario('a bare line end that comes after the time-out is swallowed', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '300ms' } });
  await lab.logs.append('unix.log', 'one');
  await lab.logs.append('dos.log', 'two');
  await lab.delivered(['one', 'two']);
  await lab.logs.append('unix.log', '\nthree\n');
  await lab.logs.append('dos.log', '\r\nfour\r\n');
  await lab.delivered(['one', 'three', 'two', 'four']);
});

scenario('growth restarts the wait for the end of a line', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '1200ms' } });
  for (const word of ['a', ' b', ' c', ' d', ' e']) {
    await lab.logs.append('app.log', word);
    await staysTrue(() => lab.server.stored.length === 0, 400, 'nothing is sent while the line grows');
  }
  await lab.delivered(['a b c d e']);
});

scenario('the unterminated last line of a renamed or deleted file goes after five quiet seconds', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '5m' } });
  await lab.logs.append('renamed.log', 'renamed');
  await lab.logs.append('deleted.log', 'deleted');
  await lab.logs.append('there.log', 'there');
  await lab.shows('three files', ({ files_total }) => files_total === 3);
  await lab.logs.rename('renamed.log', 'renamed.1');
  await lab.logs.remove('deleted.log');
  await lab.delivered(['renamed', 'deleted']);
});

scenario('a kill in the middle of a line loses neither half', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '30s' } });
  await lab.logs.append('app.log', 'whole\nfirst half');
  await lab.delivered(['whole']);
  await lab.kill9();
  await lab.start();
  await lab.logs.append('app.log', ' and second\n');
  await lab.delivered(['whole', 'first half and second']);
});

scenario('the numbering of a line’s parts survives a restart', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '300ms' } });
  await lab.logs.append('app.log', 'one');
  await lab.delivered(['one']);
  await lab.caughtUp();
  await wait(300); // the commit of the cursor: a kill before it repeats the part, which is allowed but not what this asks
  await lab.kill9();
  await lab.logs.append('app.log', ' two');
  await lab.start();
  await lab.delivered(['one', ' two']);
  await lab.logs.append('app.log', '\nnext\n');
  await lab.delivered(['one', ' two', 'next']);
});

scenario('a line that is framed otherwise on a replay is another record: a repeat, never a loss', async () => {
  await using lab = await startAgent({
    env: { PANNIER_PARTIAL_LINE_TIMEOUT: '300ms', PANNIER_COMMIT_INTERVAL: '60s' },
  });
  await lab.logs.append('app.log', 'half');
  await lab.delivered(['half']);
  await lab.kill9();
  await lab.logs.append('app.log', ' and half\n');
  await lab.start();
  await lab.delivered(['half', 'half and half']);
});
