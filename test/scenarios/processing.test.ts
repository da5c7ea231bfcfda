import assert from 'node:assert/strict';
import { textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { asText } from '../support/logs.js';
import { until } from '../support/until.js';

const line = (level: string, n: number, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ level, time: '2026-11-20T09:15:02.000Z', msg: `${level} ${n}`, ...more });
const leftOut = (metrics: string, reason: string): number =>
  Number(
    new RegExp(`^pannier_records_left_out_total\\{[^}]*reason="${reason}"[^}]*\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0,
  );

scenario('what is held back by choice is counted by its reason, and its bytes are left out, not lost', async () => {
  await using lab = await startAgent({
    outputs: 'http',
    env: { PANNIER_MIN_LEVEL: 'info', PANNIER_FILTER: 'not (path matches "^/health")', PANNIER_SAMPLE: '100%' },
  });
  const kept = [line('info', 1), line('error', 2, { path: '/pay' })];
  const held = [line('debug', 3), line('trace', 4), line('warn', 5, { path: '/healthz' })];
  await lab.logs.append('app.log', asText([kept[0]!, ...held, kept[1]!]));
  await lab.delivered(['info 1', 'error 2']);
  const { outputs } = await lab.caughtUp();
  assert.deepEqual(
    [outputs['http']?.ledger.delivered, outputs['http']?.ledger.left_out],
    [asText(kept).length, asText(held).length],
  );
  const metrics = (await lab.get('/metrics')).body;
  assert.deepEqual([leftOut(metrics, 'min_level'), leftOut(metrics, 'filter'), leftOut(metrics, 'sample')], [2, 1, 0]);
});

scenario('a throttle tells of what it held back before the program ends, once, and the ledger adds up', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_THROTTLE: '10/s by level' } });
  await lab.logs.append('app.log', asText(Array.from({ length: 500 }, (_, n) => line('info', n))));
  await lab.logs.append('app.log', asText([line('error', 1)]));
  await until(() => lab.server.lines.length === 11, { what: 'ten and one', instead: () => lab.agent.tail() });
  await lab.caughtUp();
  await lab.checkLedger();
  assert.equal(leftOut((await lab.get('/metrics')).body, 'throttle'), 490);
  assert.equal(await lab.stop(), 0);
  const summary = lab.server.lines[11];
  assert.equal(lab.server.lines.length, 12);
  assert.equal(textOf(summary!), 'throttled: 490 records of info in 0 s');
  assert.match(summary!.source, /"log":\{"level":"warn".*"event":\{"action":"throttled","count":490/);
});

scenario('repeats become one record with their number, and each output has what it was set to', async () => {
  await using lab = await startAgent({
    outputs: 'http,elasticsearch',
    env: {
      PANNIER_DEDUPE: 'on',
      PANNIER_HTTP_DEDUPE: 'off',
      PANNIER_DROP_FIELDS: 'pid,host',
      PANNIER_RENAME_FIELDS: 'usr=user.name',
    },
  });
  const repeated = Array.from({ length: 6 }, () => line('warn', 1, { pid: 7, usr: 'eve' }));
  await lab.logs.append('app.log', asText([...repeated, line('info', 2)]));
  await until(() => lab.server.lines.length === 7 && lab.server.stored.length === 3, {
    what: 'seven here, three there',
    instead: () => lab.agent.tail(),
  });
  const messages = lab.server.stored.map(({ document }) => String(document['message'])).sort();
  assert.deepEqual(messages, ['info 2', 'repeated 5 times: warn 1', 'warn 1']);
  const first = lab.server.stored.find(({ document }) => document['message'] === 'warn 1');
  assert.match(first?.source ?? '', /"user.name":"eve"/);
  assert.doesNotMatch(first?.source ?? '', /"pid"|"host"|"usr"/);
});

scenario('settings that make no sense are refused at the start, each with its place', async () => {
  await using lab = await prepareAgent({ outputs: 'http' });
  const { code, stderr } = await lab.once({
    PANNIER_FILTER: 'level >= warn and message matches "(a"',
    PANNIER_HTTP_FILTER: 'level >> warn',
    PANNIER_SAMPLE: '150%',
    PANNIER_THROTTLE: 'many',
    PANNIER_REDACT: 'emails',
    PANNIER_REDACT_PATTERNS: 'email=x',
    PANNIER_REDACT_MODE: 'hash',
    PANNIER_DROP_FIELDS: '@timestamp',
    PANNIER_RENAME_FIELDS: 'a=message',
  });
  assert.equal(code, 78);
  for (const [variable, place] of [
    ['PANNIER_FILTER', 'column 35: missing closing )'],
    ['PANNIER_HTTP_FILTER', 'column 8: expected a value'],
    ['PANNIER_SAMPLE', 'is no share'],
    ['PANNIER_THROTTLE', 'is no rate'],
    ['PANNIER_REDACT', 'there is no kind'],
    ['PANNIER_REDACT_PATTERNS', 'exists already'],
    ['PANNIER_REDACT_MODE', 'hash needs a key'],
    ['PANNIER_DROP_FIELDS', 'what the agent says'],
    ['PANNIER_RENAME_FIELDS', 'what the agent says'],
  ] as const) {
    assert.match(stderr, new RegExp(`${variable}: [^\\n]*${place.replace(/[()]/g, '\\$&')}`), variable);
  }
});
