import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textOf } from '../support/bulk-server.js';
import { StrictLogs } from '../support/cloudwatch-strict.js';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { asText } from '../support/logs.js';
import { ScriptedHttp } from '../support/scripted-http.js';
import { lookAlikes, planted } from '../support/secrets.js';
import { until } from '../support/until.js';

const secrets = planted.map(({ line }) => line);
const lines = [...secrets, ...lookAlikes];
const outputs = 'elasticsearch,http,stdout,file,cloudwatch';

/** Settings for the service at this address. */
const awsTo = ({ url }: ScriptedHttp): Record<string, string> => ({
  PANNIER_CLOUDWATCH_LOG_GROUP: 'app',
  PANNIER_CLOUDWATCH_LOG_STREAM: 'pod',
  PANNIER_CLOUDWATCH_BATCH_MAX_WAIT: '50ms',
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'SECRET',
});

/** Everything that left the program, by where it went. */
async function everything(lab: Lab, logs: StrictLogs): Promise<Record<string, string>> {
  return {
    elasticsearch: JSON.stringify(lab.server.stored),
    http: lab.server.lines.map(({ source }) => source).join('\n'),
    file: await readFile(join(lab.dir, 'out.ndjson'), 'utf8'),
    stdout: lab.agent.stdout,
    cloudwatch: logs
      .stored('app', 'pod')
      .map(({ message }) => message)
      .join('\n'),
    deadLetters: JSON.stringify([await lab.deadLetters('elasticsearch'), await lab.deadLetters('http')]),
    log: JSON.stringify([lab.agent.log, lab.agent.stray]),
    health: (await lab.get('/health')).body,
    metrics: (await lab.get('/metrics')).body,
    page: (await lab.get('/')).body,
  };
}

/** As JSON writes it, and as it is. */
const formsOf = (text: string): string[] => [text, JSON.stringify(text).slice(1, -1)];

scenario('no planted secret leaves the program, by any way', async () => {
  const logs = new StrictLogs();
  logs.make('app', 'pod');
  await using aws = await ScriptedHttp.start({ answer: logs.answer });
  await using lab = await prepareAgent({
    outputs,
    env: {
      PANNIER_REDACT: 'all',
      PANNIER_FILE_PATH: '',
      ...awsTo(aws),
    },
  });
  // Half of the records are refused, by a server that quotes what others have sent it.
  let turn = 0;
  lab.server.judge = () => {
    turn += 1;
    const reason = `failed to parse field [a], preview of its value: '${secrets[turn % secrets.length]!}'`;
    return turn % 2 === 0 ? { status: 400, type: 'document_parsing_exception', reason } : undefined;
  };
  lab.server.refuseLine = ({ source }) =>
    source.includes('"log":{"level":"error"') || source.includes('redacted:cards');
  await lab.logs.append('app.log', asText(lines));
  // The same as fields, with names that hold secrets, and wrapped and cut in two.
  await lab.logs.append(
    'json.log',
    asText(secrets.map((text) => JSON.stringify({ level: 'error', msg: text, a: { b: [text] }, [text]: 1 }))),
  );
  const cri = (tag: string, text: string): string => `2026-11-20T09:15:02.000000000Z stdout ${tag} ${text}`;
  await lab.logs.append(
    'cri.log',
    asText(
      secrets.flatMap((text) => [cri('P', text.slice(0, text.length >> 1)), cri('F', text.slice(text.length >> 1))]),
    ),
  );
  await lab.start({ PANNIER_FILE_PATH: join(lab.dir, 'out.ndjson') });
  await lab.caughtUp();
  const all = await everything(lab, logs);
  for (const [where, text] of Object.entries(all)) {
    const found = planted.filter(({ secret }) => formsOf(secret).some((form) => text.includes(form)));
    assert.deepEqual(
      found.map(({ line }) => line),
      [],
      `${where} holds secrets`,
    );
  }
  const letters = await lab.deadLetters('elasticsearch');
  assert.ok(letters.length > 100, 'half of the records are dead letters');
  const pieces = letters.filter(({ message }) => String(message).includes(' stdout P '));
  assert.deepEqual(pieces, [], 'no letter has a secret in two pieces');
  assert.ok((await lab.deadLetters('http')).length > 100, 'so are those of which a body was refused');
  assert.match(all['health']!, /redacted:/, 'the last error quotes what is left');
});

scenario('look-alikes leave as they are, as lines and as documents', async () => {
  const logs = new StrictLogs();
  logs.make('app', 'pod');
  await using aws = await ScriptedHttp.start({ answer: logs.answer });
  // As text, so that no line brings a time that CloudWatch would find too old.
  await using lab = await prepareAgent({
    outputs: 'http,cloudwatch',
    env: { ...awsTo(aws), PANNIER_REDACT: 'all', PANNIER_FORMAT: 'raw', PANNIER_MULTILINE: 'off' },
  });
  await lab.logs.append('app.log', asText(lines));
  await lab.start();
  await until(() => logs.stored('app', 'pod').length === lines.length && lab.server.lines.length === lines.length, {
    what: 'all lines',
    instead: () => lab.agent.tail(),
  });
  const messages = logs.stored('app', 'pod').map(({ message }) => message);
  assert.deepEqual(messages.slice(secrets.length), lookAlikes);
  assert.deepEqual(lab.server.lines.map(textOf).slice(secrets.length), lookAlikes);
  for (const { secret } of planted) assert.ok(!messages.some((message) => message.includes(secret)), secret);
});

scenario('a keyed hash keeps equal values equal, and one output may have what another may not', async () => {
  await using lab = await prepareAgent({
    outputs: 'http,file',
    env: {
      PANNIER_REDACT: 'email,cards',
      PANNIER_REDACT_PATTERNS: 'ticket=TCK-[0-9]{1,5}',
      PANNIER_REDACT_MODE: 'hash',
      PANNIER_REDACT_KEY: 'a key of its own',
      PANNIER_FILE_REDACT: 'off',
      PANNIER_FILE_REDACT_PATTERNS: 'off',
    },
  });
  const written = [
    'by eve@example.com',
    '{"who":"eve@example.com","pan":4111111111111111}',
    'TCK-42 of bob@example.com',
  ];
  await lab.logs.append('app.log', asText(written));
  const path = join(lab.dir, 'out.ndjson');
  await lab.start({ PANNIER_FILE_PATH: path });
  await until(() => lab.server.lines.length === 3, { what: 'three lines', instead: () => lab.agent.tail() });
  const text = lab.server.lines.map(({ source }) => source).join('\n');
  const hashes = [...text.matchAll(/\[email:[a-p]{16}\]/g)].map(([hash]) => hash);
  assert.equal(hashes.length, 3);
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
  assert.match(text, /"pan":"\[cards:[a-p]{16}\]"/);
  assert.match(text, /\[ticket:[a-p]{16}\] of/);
  await until(async () => (await readFile(path, 'utf8')).includes('TCK-42 of bob@example.com'), { what: 'the file' });
});
