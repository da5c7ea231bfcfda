import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { textOf } from '../support/bulk-server.js';
import { scenario, startAgent, type Lab } from '../support/lab.js';
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

/** The trace at the end of a renamed file goes on in its successor after so many lines. */
const cut = 2;
const ids = (lab: Lab): string[] =>
  lab.server.stored.filter((one) => textOf(one).includes('IllegalState')).map(({ id }) => id);
const firstBytes = Buffer.byteLength(asText(['before', ...trace.slice(0, cut)]));
const jointId = new RegExp(
  `^[0-9a-f]{24}-7-${firstBytes}\\+[0-9a-f]{24}-0-${Buffer.byteLength(asText(trace.slice(cut)))}$`,
);

async function startWithHalf(env: Readonly<Record<string, string>> = {}): Promise<Lab> {
  const lab = await startAgent({ env: { PANNIER_MULTILINE_TIMEOUT: '20s', ...env } });
  await lab.logs.append('app.log', asText(['before', ...trace.slice(0, cut)]));
  await lab.delivered(['before']);
  lab.forgetDelivered();
  return lab;
}

const whole = ['before', trace.join('\n'), 'after', 'end'];
const rest = asText([...trace.slice(cut), 'after', '{"msg":"end"}']);

scenario('a trace that goes on in the successor of a renamed file is one record of both', async () => {
  await using lab = await startWithHalf();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', rest);
  await lab.delivered(whole);
  assert.match(ids(lab).join(), jointId);
});

scenario('a kill between the halves of a trace in two files leaves it one record', async () => {
  await using lab = await startWithHalf();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.kill9();
  await lab.logs.append('app.log', rest);
  await lab.start();
  await lab.delivered(whole);
  assert.match(ids(lab).join(), jointId);
});

scenario('a kill while a trace waits for more of itself in the second file leaves it one record', async () => {
  await using lab = await startWithHalf();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', asText(trace.slice(cut, cut + 2)));
  await lab.shows('both files', ({ files_total }) => files_total === 2);
  await staysTrue(() => lab.server.stored.length === 1, 1500, 'the trace waits');
  await lab.kill9();
  await lab.start();
  await staysTrue(() => lab.server.stored.length === 1, 1500, 'the trace still waits');
  await lab.logs.append('app.log', asText([...trace.slice(cut + 2), 'after', '{"msg":"end"}']));
  await lab.delivered(whole);
  assert.match(ids(lab).join(), jointId);
});

scenario(
  'a kill after the record of two files was sent, and before a commit, repeats it under the same id',
  async () => {
    await using lab = await startWithHalf({ PANNIER_COMMIT_INTERVAL: '1h' });
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.logs.append('app.log', rest);
    await lab.delivered(whole);
    await lab.kill9();
    await lab.start({ PANNIER_COMMIT_INTERVAL: '100ms' });
    await lab.caughtUp();
    await lab.delivered(whole);
    assert.match(ids(lab).join(), jointId);
    assert.ok(lab.server.repeated >= 2, `${lab.server.repeated} repeats`);
  },
);

scenario('a kill after the commit of both cursors repeats nothing', async () => {
  await using lab = await startWithHalf();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', rest);
  await lab.delivered(whole);
  await lab.caughtUp();
  await setTimeout(500);
  await lab.kill9();
  await lab.start();
  await lab.caughtUp();
  await lab.delivered(whole);
  assert.equal(lab.server.repeated, 0);
});

scenario('what a trace in two files has at the drain is one record', async () => {
  await using lab = await startWithHalf();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', asText(trace.slice(cut)));
  await lab.shows('both files', ({ files_total }) => files_total === 2);
  assert.equal(await lab.stop(), 0, lab.agent.tail());
  await lab.delivered(whole.slice(0, 2));
  assert.match(ids(lab).join(), jointId);
  assert.equal((await lab.once()).code, 0);
  assert.equal(lab.server.repeated, 0);
});

scenario('the dead letter of a record of two files holds both parts', async () => {
  await using lab = await startWithHalf();
  lab.server.judge = ({ document }) =>
    String(document.message).includes('IllegalState') ? { status: 400, type: 'mapper_parsing_exception' } : undefined;
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', rest);
  await lab.delivered(['before', 'after', 'end']);
  await lab.caughtUp();
  const letters = await lab.deadLetters();
  assert.equal(letters.length, 1);
  assert.ok(
    JSON.stringify(letters[0]).includes(JSON.stringify(trace.join('\n')).slice(1, -1)),
    JSON.stringify(letters),
  );
  assert.match(String(letters[0]?.id), jointId);
  const { ledger } = await lab.output('elasticsearch');
  assert.equal(ledger.dead_lettered, Buffer.byteLength(asText(trace)));
});
