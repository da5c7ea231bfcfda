import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLinear } from '../../src/linear-regex.js';
import { readFile, type Reading } from '../support/file-reading.js';

const textsOf = async (lines: readonly string[], reading: Reading = {}): Promise<string[]> =>
  (await readFile(Buffer.from(lines.map((line) => `${line}\n`).join('')), reading)).records.map(({ text }) => text);

const dated = (message: string): string => `2026-11-20 09:15:02,123 ERROR [main] c.a.Shop - ${message}`;

test('indented lines belong to the one before, and what closes a bracket does', async () => {
  const lines = ['options {', '  a', '', '  b', '}', 'next', '\tof next', 'last'];
  assert.deepEqual(await textsOf(lines), ['options {\n  a\n\n  b\n}', 'next\n\tof next', 'last']);
  assert.deepEqual(await textsOf(lines, { multiline: 'indent' }), [
    'options {\n  a\n\n  b',
    '}',
    'next\n\tof next',
    'last',
  ]);
});

test('where lines are dated, those that are not belong to the one before, traces and blank lines with them', async () => {
  const record = [dated('broken'), 'says why', '', 'Traceback (most recent call last):', 'ValueError: x', 'more'];
  const lines = [dated('first'), ...record, dated('last')];
  assert.deepEqual(await textsOf(lines), [dated('first'), record.join('\n'), dated('last')]);
});

test('a dated line with a trace has the time and level of that line, and the trace in its message', async () => {
  const lines = [dated('broken'), 'java.io.IOException: broken', '\tat a.B.c(B.java:1)', dated('next')];
  const { records } = await readFile(Buffer.from(lines.join('\n')));
  assert.equal(records[0]?.level, 'error');
  assert.equal(records[0].timeMs, Date.UTC(2026, 10, 20, 9, 15, 2, 123));
  assert.match(records[0].message ?? '', /broken\njava\.io\.IOException: broken\n\tat a\.B\.c\(B\.java:1\)$/);
});

test('what a runtime says when it gives up is a record of its own, also below a dated line', async () => {
  const ends = [
    ['Exception in thread "main" java.lang.Error: x', '\tat a.B.c(B.java:1)'],
    ['Unhandled exception. System.Exception: x', '   at A.B() in /a.cs:line 1'],
    ['PHP Fatal error:  Uncaught Exception: x in /a.php:3', 'Stack trace:', '#0 {main}'],
    ["thread 'main' panicked at src/main.rs:2:5:", 'boom'],
    ['Unhandled exception:', 'Exception: x', '#0      main (file:///a.dart:2:3)'],
    ['/app/x.js:3', 'throw x', '^', '', 'Error: x', '    at main (/app/x.js:3:1)'],
  ];
  for (const lines of ends) {
    const texts = await textsOf([dated('going on'), ...lines, dated('end')]);
    assert.deepEqual(texts, [dated('going on'), lines.join('\n'), dated('end')]);
  }
});

test('names of functions with their places below do not speak against a file of dated lines', async () => {
  const stack = [
    'main.run',
    '\t/srv/app/main.go:11',
    'main.main',
    '\t/srv/app/main.go:7',
    'runtime.main',
    '\t/go/proc.go:290',
  ];
  const lines = [dated('one'), ...stack, dated('two'), ...stack, dated('three'), ...stack];
  const { records, format } = await readFile(Buffer.from(lines.join('\n')));
  assert.equal(records.length, 3);
  assert.equal(format, 'auto:text');
});

test('a dated line at the beginning of other text does not swallow that', async () => {
  const prose = Array.from({ length: 30 }, (_, i) => `word ${i}`);
  const texts = await textsOf([dated('banner'), ...prose]);
  // One line speaks against the file's being dated once the next one does too.
  assert.ok(texts.length >= 28, `${texts.length} records`);
});

test('prose and lists are records line by line', async () => {
  const lines = ['one', 'org chart is ready', 'Error budget left', 'com port open', 'goroutine pool is full', 'panic mode off', 'note to all', '/var/log is full', '== done ==', 'thread pool size 5']; // prettier-ignore
  assert.deepEqual(await textsOf(lines), lines);
});

test('a message of several lines goes on to the first frame, and not further than that', async () => {
  const message = ['java.lang.IllegalStateException: one', 'two', 'three'];
  assert.deepEqual(await textsOf([...message, '\tat a.B.c(B.java:1)', 'after']), [
    `${message.join('\n')}\n\tat a.B.c(B.java:1)`,
    'after',
  ]);
  assert.deepEqual(await textsOf([...message, 'four', 'five']), [...message, 'four', 'five']);
  const long = Array.from({ length: 40 }, (_, i) => `line ${i}`);
  assert.deepEqual(await textsOf([message[0]!, ...long]), [message[0]!, ...long]);
});

test('lines of formats that can have no second line go at once, and end what is open', async () => {
  const json = '{"level":"info","msg":"x"}';
  const { records, cursor } = await readFile(Buffer.from(`text\n${json}\n${json}\n`), { staysOpen: true });
  assert.deepEqual(
    records.map(({ text }) => text),
    ['text', json, json],
  );
  assert.equal(cursor.offset, 5 + 2 * (json.length + 1));
});

test('a last line of text waits for its successor; blank lines behind it are left out and counted', async () => {
  const open = await readFile(Buffer.from('one\ntwo\n\n\n'), { staysOpen: true });
  assert.deepEqual([open.records.length, open.cursor.offset, open.blanks], [1, 4, 0]);
  const whole = await readFile(Buffer.from('one\ntwo\n\n\nthree\n\n'));
  assert.deepEqual(
    whole.records.map(({ id }) => id),
    ['f-0-4', 'f-4-8', 'f-10-16'],
  );
  assert.equal(whole.blanks, 3);
});

test('JSON over several lines is one record with its fields; what only begins like it is not', async () => {
  const { records } = await readFile(Buffer.from('{\n  "level": "error",\n  "msg": "no"\n}\ntext\n'));
  assert.deepEqual(
    records.map(({ level, message }) => [level, message]),
    [
      ['error', 'no'],
      [undefined, undefined],
    ],
  );
  assert.deepEqual(await textsOf(['{', '{"msg":"x"}', 'text']), ['{', '{"msg":"x"}', 'text']);
});

test('a pattern of one’s own begins records, and all other lines go on', async () => {
  const start = await compileLinear('^\\[\\d+\\] ');
  const lines = ['[1] a', '{"level":"info"}', '', 'b', '[2] c', '[3] d', '  e'];
  const texts = await textsOf(lines, { multiline: 'start:', start });
  assert.deepEqual(texts, ['[1] a\n{"level":"info"}\n\nb', '[2] c', '[3] d\n  e']);
});

test('a group that never ends is cut at its bound, loses no line, and costs no more than a few reads', async () => {
  const frames = Array.from({ length: 40_000 }, (_, i) => `\tat com.acme.Shop.close(Shop.java:${i})`);
  const bytes = Buffer.from(['java.lang.Error: endless', ...frames, ''].join('\n'));
  for (const format of ['auto', 'raw']) {
    const { records, bytesRead } = await readFile(bytes, { format, maxGroupBytes: 8192 });
    assert.ok(records.every(({ text }) => text.length <= 8192));
    assert.equal(records.map(({ text }) => text).join('\n'), bytes.toString().trimEnd());
    assert.ok(bytesRead < 3 * bytes.length, `${bytesRead} of ${bytes.length}`);
  }
});

test('plain lines are read again once per turn, and no more than one of them', async () => {
  const line = `${'plain text '.repeat(9)}\n`;
  const bytes = Buffer.from(line.repeat(20_000));
  const turnBytes = 65_536;
  const { bytesRead, records } = await readFile(bytes, { turnBytes });
  assert.equal(records.length, 20_000);
  // What does not fill the batch is read again as well: as much as without joining.
  const { bytesRead: alone } = await readFile(bytes, { turnBytes, multiline: 'off' });
  const turns = Math.ceil(alone / turnBytes) * 2;
  assert.ok(bytesRead <= alone + turns * 2 * line.length, `${bytesRead} bytes, ${alone} without joining`);
});

test('streams of a container that take turns are joined each, and none waits for the other without end', async () => {
  const wrap = (stream: string, text: string): string => `2026-11-20T09:15:02Z ${stream} F ${text}`;
  const trace = ['java.lang.Error: x', '\tat a.B.c(B.java:1)', '\tat a.B.d(B.java:2)'];
  const both = trace.flatMap((line) => [wrap('stderr', line), wrap('stdout', line)]);
  assert.deepEqual(await textsOf(both), [trace.join('\n'), trace.join('\n')]);
  const many = Array.from({ length: 3000 }, (_, i) => wrap('stdout', `{"level":"info","n":${i}}`));
  const file = Buffer.from([wrap('stderr', 'held'), ...many, ''].join('\n'));
  const { records, cursor } = await readFile(file, { staysOpen: true, batchRecords: 100, turnBytes: 8192 });
  assert.equal(records.length, 3001);
  assert.equal(cursor.offset, file.length);
});

const piece = fc.constantFrom(
  'text',
  '  indented',
  '\tat a.B.c(B.java:1)',
  'java.lang.Error: x',
  'Caused by: y',
  'Traceback (most recent call last):',
  'ValueError: x',
  'panic: x',
  'goroutine 1 [running]:',
  'main.main()',
  '{',
  '}',
  '  "a": 1',
  '==================',
  '/app/x.js:3',
  '^',
  '',
  '   ',
  '#0 x',
  '2026-11-20 09:15:02 ERROR x',
  '{"level":"info","msg":"x"}',
  '2026-11-20T09:15:02Z stdout F text',
  '2026-11-20T09:15:02Z stderr P part',
  '2026-11-20T09:15:02Z stdout F   indented',
  '\0\0text',
);

test('any lines: each is in one record, records do not overlap, and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(piece, fc.string({ maxLength: 12 })), { maxLength: 40 }),
      fc.constantFrom('auto', 'raw'),
      fc.constantFrom('auto', 'java', 'node', 'indent'),
      fc.constantFrom(60, 65_536),
      fc.constantFrom(2, 1000),
      async (lines, format, multiline, maxGroupBytes, batchRecords) => {
        const bytes = Buffer.from(lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join(''));
        const joined = await readFile(bytes, { format, multiline, maxGroupBytes, batchRecords });
        const alone = await readFile(bytes, { format, multiline: 'off', batchRecords });
        // Parts for which a small batch has no room while they are joined are records of their own.
        const linesOf = (texts: readonly { text: string }[]): string[] =>
          texts.flatMap(({ text }) => text.replaceAll('part', '\npart\n').split('\n')).map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '').sort(); // prettier-ignore
        assert.deepEqual(linesOf(joined.records), linesOf(alone.records));
        assert.equal(joined.cursor.offset, bytes.length);
        assert.equal(new Set(joined.records.map(({ id }) => id)).size, joined.records.length);
      },
    ),
    { numRuns: 400 },
  );
});
