import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { loadConfiguration } from '../../../config/load.js';
import { asObject } from '../../../test/support/bulk-api.js';
import { sampleCatalogue } from '../../../test/support/sample-catalogue.js';
import { DryLane } from './dry-lane.js';
import { chunksOf } from './input.js';
import { parse, type ParseOptions } from './parse.js';
import type { Shown } from './shown.js';

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'pannier-parse-'))));
after(() => rm(folder, { recursive: true }));

const env = { PANNIER_PODINFO_DIR: '/nowhere', PANNIER_FIELDS: 'host.name=h' };

/** Runs the command over a text that is piped. */
async function run(
  text: string,
  options: ParseOptions = {},
  { more = {}, isTerminal = false }: { more?: Record<string, string>; isTerminal?: boolean } = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await parse(
    options,
    { ...env, ...more },
    {
      out: (part) => void (out += part),
      err: (part) => void (err += part),
      run: () => assert.fail('nothing is shipped'),
      catalogue: sampleCatalogue,
      cwd: folder,
      stdin: async function* () {
        yield await Promise.resolve(Buffer.from(text));
      },
      isInputTerminal: false,
      isTerminal,
      terminal: {
        onKey: () => assert.fail(),
        size: () => ({ columns: 80, rows: 24 }),
        stopping: new AbortController().signal,
      },
      drained: () => Promise.resolve(),
    },
  );
  return { code, out, err };
}
const recordsOf = (out: string): readonly Readonly<Record<string, unknown>>[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => asObject(JSON.parse(line)) ?? {});

test('in a pipe each record is one line of JSON: what it was read as, its fields, the document, the time taken', async () => {
  const { code, out, err } = await run(
    '{"time":"2026-11-20T09:15:02Z","level":"error","msg":"paid","order":{"id":7}}\nSome prose\n',
  );
  assert.deepEqual([code, err], [0, '']);
  const [json, prose] = recordsOf(out);
  assert.ok(typeof json?.micros === 'number' && json.micros > 0);
  assert.deepEqual(
    { ...json, micros: 1 },
    {
      line: 1,
      lines: 1,
      format: 'json',
      file_format: 'auto:json',
      time: '2026-11-20T09:15:02.000Z',
      level: 'error',
      logger: null,
      message: 'paid',
      fields: { order: { id: 7 } },
      error: null,
      held_back: null,
      micros: 1,
      record: {
        '@timestamp': '2026-11-20T09:15:02.000Z',
        message: 'paid',
        log: { level: 'error', file: { path: 'stdin' }, offset: 0 },
        host: { name: 'h' },
        order: { id: 7 },
      },
    },
  );
  assert.deepEqual(
    [prose?.line, prose?.format, prose?.time, prose?.level, prose?.message],
    [2, 'raw', null, null, 'Some prose'],
  );
});

test('on a terminal it is for a person, in colour unless NO_COLOR says otherwise; --json wins', async () => {
  const line = '{"level":"error","msg":"two\\nlines\\u001b[2J","a\\u202e":1}\n';
  const { out, err } = await run(line, {}, { isTerminal: true });
  assert.match(out, /\u001b\[31merror\u001b\[0m/);
  assert.match(err, /^1 records, 100 % read by a format, \d+\.\d µs each\n$/);
  const plain = await run(line, {}, { isTerminal: true, more: { NO_COLOR: '1' } });
  assert.match(
    plain.out,
    /^ {5}1 {2}json {6}error {2}- +\d+\.\d µs\n {8}two\n {8}lines\\u\{1b\}\[2J\n {8}a\\u\{202e\} 1\n$/,
  );
  assert.equal(recordsOf((await run(line, { json: true }, { isTerminal: true })).out).length, 1);
});

test('a format and a multiline mode may be given, and are checked as the settings are', async () => {
  const { out } = await run('{"level":"error"}\nprose\n', { format: 'json' });
  assert.deepEqual(
    recordsOf(out).map(({ error }) => error),
    [null, 'the line is not a JSON object'],
  );
  const wrong = await run('', { format: 'jsn' });
  assert.equal(wrong.code, 64);
  assert.match(wrong.err, /^pannier: --format: "jsn" is none of: .*did you mean json/);
  assert.equal((await run('', { multiline: 'nonsense' })).code, 64);
});

test('a pattern reads lines as it does in a run', async () => {
  const { out } = await run('WARN slow\n', { format: 'regex:^(?<level>[A-Z]+) (?<message>.*)$' });
  assert.deepEqual(
    recordsOf(out).map(({ format, level, message }) => [format, level, message]),
    [['regex', 'warn', 'slow']],
  );
});

test('a configuration with problems is 78, a file that can not be read 64', async () => {
  const { code, err } = await run('x\n', {}, { more: { PANNIER_PATS: 'x', PANNIER_FORMAT: 'jsn' } });
  assert.equal(code, 78);
  assert.match(err, /2 problems/);
  const none = await run('', { file: 'none.log' });
  assert.deepEqual([none.code, none.err], [64, 'pannier: none.log does not exist\n']);
  assert.equal((await run('', { file: '.' })).code, 64);
});

test('a file is read to its end, also when its last line has none', async () => {
  await writeFile(join(folder, 'a.log'), 'One line\nAnother');
  const records = recordsOf((await run('', { file: 'a.log' })).out);
  assert.deepEqual(
    records.map(({ line, message }) => [line, message]),
    [
      [1, 'One line'],
      [2, 'Another'],
    ],
  );
  assert.deepEqual(asObject(records[0]?.record)?.log, { file: { path: join(folder, 'a.log') }, offset: 0 });
});

test('--explain says which formats were asked, and why they refused', async () => {
  const cri = '2026-11-20T09:15:02Z stdout F {"level":"info"}\n';
  const explained = recordsOf((await run(`Some prose\n${cri}?\n`, { explain: true })).out).map(
    ({ explain }) => asObject(explain) ?? {},
  );
  const asked = (list: unknown): readonly (readonly unknown[])[] =>
    (Array.isArray(list) ? list : []).map((each) => [asObject(each)?.format, asObject(each)?.refusal]);
  const tried = asked(explained[1]?.tried);
  assert.deepEqual(
    [tried.at(-1), asked(explained[1]?.inside).at(-1)],
    [
      ['cri', null],
      ['json', null],
    ],
  );
  assert.ok(asked(explained[2]?.tried).every(([, refusal]) => typeof refusal === 'string' && refusal !== ''));
  const plain = (await run('First\nSome prose\n', { explain: true }, { isTerminal: true, more: { NO_COLOR: '1' } }))
    .out;
  assert.match(plain, /why: its first bytes show nothing of any format, so none was asked$/m);
  const demanded = (await run('x\n', { explain: true, format: 'cri' }, { isTerminal: true })).out;
  assert.match(demanded, /no format reads it: cri \(the line is not a CRI log line\)/);
});

test('--explain says what processing changed or held back; what is held back has no document', async () => {
  const more = { PANNIER_REDACT: 'email', PANNIER_MIN_LEVEL: 'info', PANNIER_DROP_FIELDS: 'n' };
  const lines =
    '{"level":"info","msg":"to ann@example.com","who":"ann@example.com","n":1}\n{"level":"debug","msg":"x"}\n';
  const { out } = await run(lines, { explain: true }, { more });
  const [sent, held] = recordsOf(out);
  assert.ok(!out.includes('ann@'));
  assert.deepEqual([asObject(sent?.explain)?.changed, asObject(sent?.explain)?.gone], [['message', 'who'], ['n']]);
  assert.deepEqual([held?.held_back, held?.record], ['min_level', null]);
});

const samples = [
  '{"level":"error","msg":"m"}\n',
  'Some prose\r\n',
  '\n',
  'level=warn msg=x a=1\n',
  '2026-11-20T09:15:02Z stdout P {"msg":\n',
  '2026-11-20T09:15:03Z stdout F "joined"}\n',
  '2026-11-20T09:15:03Z stderr F other\n',
  `${'long '.repeat(400)}\n`,
  'ünïcödé 🎉 end',
];

test('however the input is cut into pieces, the records and their lines are the same', async () => {
  const { configuration } = await loadConfiguration({
    env: { PANNIER_MAX_LINE_BYTES: '1KiB' },
    catalogue: sampleCatalogue,
    cwd: folder,
    readFile: () => Promise.reject(new Error('none')),
  });
  const read = async (pieces: readonly Buffer[]): Promise<unknown> => {
    const all: Shown[] = [];
    const lane = await DryLane.open(configuration, {}, 'x', (shown) => void all.push(shown));
    for (const piece of pieces) await lane.append(piece);
    await lane.flush();
    return all
      .map(({ line, lines, raw, format, sent }) => ({
        line,
        lines,
        raw: raw.toString(),
        format,
        message: sent.message,
      }))
      .sort((a, b) => a.line - b.line);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...samples), { maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
      async (lines, cuts) => {
        const whole = Buffer.from(lines.join(''));
        const places = [0, ...cuts.map((cut) => Math.floor(cut * whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((to, i) => Buffer.from(whole.subarray(places[i], to)));
        assert.deepEqual(await read(pieces), await read([whole]));
      },
    ),
    { numRuns: 60 },
  );
});

test('who pastes, and waits, is shown what was pasted', async () => {
  const chunks: string[] = [];
  const slow = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield Buffer.from('b');
  };
  for await (const chunk of chunksOf(slow(), 5)) chunks.push(chunk.toString());
  assert.deepEqual(chunks, ['a', 'idle', 'b']);
});
