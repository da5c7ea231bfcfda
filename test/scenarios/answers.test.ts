import assert from 'node:assert/strict';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const lines = numbered('line', 300);
const refuse = { status: 400, type: 'document_parsing_exception', reason: 'failed to parse field [order_id]' };

scenario('a lost reply, a reset connection and an overloaded server cost attempts, never records', async () => {
  await using lab = await startAgent();
  lab.server.next({ kind: 'lost-reply' });
  lab.server.next({ kind: 'reset' });
  lab.server.next({ kind: 'status', status: 503 });
  lab.server.next({ kind: 'lost-reply' });
  await lab.logs.append('app.log', asText(lines));
  await until(() => lab.server.scripted === 0, { what: 'every fault is met' });
  await lab.shows('all answered', ({ outputs }) => outputs.elasticsearch?.ledger.pending === 0);
  await lab.delivered(lines);
  assert.ok(lab.server.repeated > 0, 'the repeats were told from new ones by their ids');
  const metrics = (await lab.get('/metrics')).body;
  const value = (name: string) =>
    Number(new RegExp(`^${name}\\{output="elasticsearch"\\} (\\d+)$`, 'm').exec(metrics)?.[1]);
  const repeated = value('pannier_records_repeated_total');
  assert.ok(repeated > 0 && repeated <= lab.server.repeated, `${repeated} counted: a lost reply may have told of more`);
  assert.ok(value('pannier_retries_total') >= 2);
});

scenario('a server’s wish to wait is honoured', async () => {
  await using lab = await prepareAgent();
  lab.server.next({ kind: 'status', status: 429, headers: { 'retry-after': '2' } });
  await lab.logs.append('app.log', 'a line\n');
  await lab.start();
  await until(() => lab.server.scripted === 0, { what: 'the first attempt' });
  const from = performance.now();
  await lab.delivered(['a line']);
  assert.ok(performance.now() - from >= 1_800, `it came back after ${performance.now() - from} ms`);
});

scenario('an expired token is a fault of the output: named, retried, and nothing becomes a dead letter', async () => {
  await using lab = await startAgent();
  lab.server.always({ kind: 'status', status: 401 });
  await lab.logs.append('app.log', asText(lines));
  await lab.shows(
    'the fault',
    ({ outputs, reasons }) => outputs.elasticsearch?.last_error?.code === 'OUTPUT_AUTH' && reasons.length > 0,
  );
  lab.server.always({ kind: 'status', status: 404 });
  await lab.shows('the other fault', ({ outputs }) => outputs.elasticsearch?.last_error?.code === 'OUTPUT_NOT_FOUND');
  lab.server.always(undefined);
  await lab.delivered(lines);
  assert.deepEqual(await lab.deadLetters(), []);
});

scenario('items that the server is too busy for come again, alone', async () => {
  await using lab = await startAgent();
  const busy = new Set(lines.filter((_, at) => at % 3 === 0));
  lab.server.judge = ({ document }) =>
    busy.delete(String(document.message))
      ? { status: 429, type: 'es_rejected_execution_exception', reason: 'busy' }
      : undefined;
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  assert.equal(lab.server.repeated, 0);
});

scenario('a document that the mapping refuses arrives as text, with the same id and the reason', async () => {
  await using lab = await startAgent();
  lab.server.judge = ({ document }) => (typeof document.order_id === 'object' ? refuse : undefined);
  await lab.logs.append('app.log', '{"message":"good","order_id":7}\n{"message":"bad","order_id":{"no":1}}\n');
  await until(() => lab.server.stored.length === 2, { what: 'both arrive' });
  const plain = lab.server.stored.find(
    ({ document }) => document.message === 'bad' || String(document.message).includes('bad'),
  );
  assert.ok(plain !== undefined);
  assert.match(JSON.stringify(plain.document.error), /failed to parse field/);
  assert.ok(plain.source.includes('order_id'), 'its fields are there as one string');
  assert.match(plain.id, /-32-\d+$/, 'the id is that of the line');
  await lab.caughtUp();
  assert.deepEqual(await lab.deadLetters(), []);
});

scenario('the dead letter of a UTF-16 line is its text', async () => {
  await using lab = await startAgent();
  lab.server.judge = () => refuse;
  await lab.logs.append('app.log', Buffer.from('\ufeffnaïve\r\n', 'utf16le'));
  await lab.shows('accounted for', ({ outputs }) => outputs.elasticsearch?.ledger.dead_lettered === 14);
  const [letter] = await lab.deadLetters();
  assert.equal(letter?.message, 'naïve');
  assert.equal(letter.bytes, undefined);
});

scenario('a record refused in both forms becomes a dead letter in the contract’s form', async () => {
  await using lab = await startAgent();
  lab.server.judge = ({ source }) => (source.includes('poison') ? refuse : undefined);
  await lab.logs.append('app.log', 'one\npoison \u00e9\nthree\n');
  await lab.logs.append('app.log', Buffer.from('poison \xff\xfe\n', 'latin1'));
  await lab.delivered(['one', 'three']);
  await lab.shows('accounted for', ({ outputs }) => outputs.elasticsearch?.ledger.dead_lettered === 20);
  const [text, bytes] = await lab.deadLetters();
  assert.deepEqual(Object.keys(text ?? {}).toSorted(), [
    'code',
    'id',
    'message',
    'offset',
    'output',
    'path',
    'reason',
    'time',
    'tries',
  ]);
  assert.deepEqual(
    { ...text, time: '', id: '', tries: 0, reason: '' },
    {
      time: '',
      output: 'elasticsearch',
      id: '',
      path: lab.logs.at('app.log'),
      offset: 4,
      tries: 0,
      code: 'RECORD_REFUSED',
      reason: '',
      message: 'poison \u00e9',
    },
  );
  assert.match(String(text?.reason), /failed to parse field \[order_id\]/);
  assert.equal(bytes?.bytes, Buffer.from('poison \xff\xfe', 'latin1').toString('base64'));
  assert.match((await lab.get('/metrics')).body, /pannier_records_dead_lettered_total\{[^}]*\} 2/);
});

scenario('a request that is too large is halved until it fits, and what follows is smaller at once', async () => {
  await using lab = await prepareAgent();
  lab.server.maxBytes = 20_000;
  const many = numbered('a line of some length, so that a batch is well above the limit', 2_000);
  await lab.logs.append('app.log', asText(many));
  await lab.start();
  await lab.delivered(many, 30_000);
  await lab.caughtUp();
  const tooLarge = () => lab.server.requests.filter(({ bytes }) => bytes > 20_000).length;
  const atFirst = tooLarge();
  assert.ok(atFirst > 0);
  const more = many.map((line) => `${line} again`);
  await lab.logs.append('app.log', asText(more));
  await lab.delivered([...many, ...more], 30_000);
  assert.equal(tooLarge(), atFirst, 'the limit is remembered');
});

scenario(
  'a single record that is too large for the destination becomes a dead letter, its neighbours do not',
  async () => {
    await using lab = await startAgent();
    lab.server.maxBytes = 5_000;
    const large = 'x'.repeat(8_000);
    await lab.logs.append('app.log', `before\n${large}\nafter\n`);
    await lab.delivered(['before', 'after']);
    await lab.shows(
      'the dead letter',
      ({ outputs }) => outputs.elasticsearch?.ledger.dead_lettered === large.length + 1,
    );
    assert.deepEqual(
      (await lab.deadLetters()).map(({ code, message }) => [code, message]),
      [['RECORD_TOO_LARGE', large]],
    );
  },
);

scenario('http: a 400 judges records; the guilty one is found, the others arrive in order', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  lab.server.refuseLine = (line) => textOf(line) === 'line 0123';
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines.filter((line) => line !== 'line 0123'));
  assert.deepEqual(
    (await lab.deadLetters('http')).map(({ message }) => message),
    ['line 0123'],
  );
});

scenario('a dead letter that cannot be written blocks its lane, and nothing else, until it can', async () => {
  await using lab = await startAgent({ outputs: 'elasticsearch,http' });
  lab.server.judge = ({ source }) => (source.includes('poison') ? refuse : undefined);
  const folder = join(lab.stateDir, 'dead-letters');
  await rmdir(folder).catch(() => {});
  await rm(join(folder, 'elasticsearch.ndjson'), { force: true });
  await rm(folder, { recursive: true, force: true });
  await writeFile(folder, 'in the way');
  await lab.logs.append('app.log', 'one\npoison\nthree\n');
  const health = await lab.shows('blocked', ({ outputs }) => outputs.elasticsearch?.state === 'blocked');
  assert.ok(health.reasons.some(({ code }) => code === 'DEAD_LETTERS_BLOCKED'));
  await until(() => lab.server.lines.length === 3, { what: 'the other output goes on' });
  await rm(folder);
  await mkdir(folder);
  await lab.shows('written', ({ outputs }) => outputs.elasticsearch?.ledger.dead_lettered === 'poison\n'.length);
  await lab.delivered(['one', 'three']);
  assert.equal((await lab.deadLetters()).length, 1);
});

scenario('gzip, an API key and a pipeline reach the server as configured', async () => {
  await using lab = await startAgent({
    env: {
      PANNIER_ELASTICSEARCH_COMPRESSION: 'gzip',
      PANNIER_ELASTICSEARCH_API_KEY: 'c2VjcmV0OmtleQ==',
      PANNIER_ELASTICSEARCH_PIPELINE: 'my-pipeline',
      PANNIER_ELASTICSEARCH_INDEX: 'logs-{service}-{yyyy.MM.dd}',
      PANNIER_SERVICE_NAME: 'Pay',
    },
  });
  await lab.logs.append(
    'app.log',
    '{"message":"a","time":"2026-11-20T09:15:02Z"}\n{"message":"b","time":"2026-11-21T09:15:02Z"}\n',
  );
  await lab.delivered(['a', 'b']);
  const [request] = lab.server.requests;
  assert.equal(request?.headers['content-encoding'], 'gzip');
  assert.equal(request.headers.authorization, 'ApiKey c2VjcmV0OmtleQ==');
  assert.match(request.path, /pipeline=my-pipeline/);
  assert.deepEqual(lab.server.stored.map(({ index }) => index).toSorted(), [
    'logs-pay-2026.11.20',
    'logs-pay-2026.11.21',
  ]);
  const said = [...lab.agent.stray, ...lab.agent.log.map(({ fields }) => JSON.stringify(fields))].join('\n');
  assert.ok(!said.includes('c2VjcmV0'), 'the key is in no log line');
});
