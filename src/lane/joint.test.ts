import assert from 'node:assert/strict';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LaneLab, type LaneLabOptions } from '../../test/support/lane-lab.js';
import { asText } from '../../test/support/logs.js';
import { systemClock } from '../types/clock.js';

const trace = ['java.lang.IllegalStateException: broken', '\tat a.B.c(B.java:1)', '\tat a.B.d(B.java:2)'];

/** A file with `first` is renamed, and another with `second` has its name; all of it has `records` records. */
async function twoFiles(
  first: string | Buffer,
  second: string | Buffer,
  records: number,
  options: LaneLabOptions = {},
): Promise<LaneLab> {
  const lab = await LaneLab.open({ joins: true, batchMaxWaitMs: 1, ...options });
  await writeFile(lab.at('a.log'), first);
  await lab.start();
  await wait(50);
  await rename(lab.at('a.log'), lab.at('a.log.1'));
  await writeFile(lab.at('a.log'), second);
  await lab.table.scan();
  await lab.arrives('all records', () => lab.sent.length >= records || lab.failure !== undefined);
  assert.equal(lab.failure, undefined);
  return lab;
}

const joined = ({ sent }: LaneLab): string[] => sent.filter(({ id }) => id.includes('+')).map(({ text }) => text);
/** Where the records begin and end, without the names of the files. */
const places = ({ sent }: LaneLab): string[] => sent.map(({ id }) => id.replaceAll(/[0-9a-f]{24}-/g, ''));
const cri = (stream: string, flag: string, text: string): string => `2026-05-01T08:00:00Z ${stream} ${flag} ${text}`;

test('first lines that begin anew let the group before them go at once', async () => {
  // No wait for a successor or for more of the group is ever over: what comes, comes without one.
  const clock = { ...systemClock, monotonic: () => 0 };
  const second = asText(['{"a":1}', 'text', '{"b":2}']);
  await using lab = await twoFiles(asText(trace), second, 1, { format: 'auto', clock });
  assert.deepEqual(joined(lab), []);
  assert.equal(lab.sent[0]?.text, trace.join('\n'));
});

test('an empty successor is waited for, for one second', async () => {
  await using lab = await twoFiles(asText(trace), '', 1);
  await appendFile(lab.at('a.log'), asText([trace[2]!, 'x', 'y']));
  await lab.arrives('what came too late', () => lab.sent.length === 3);
  assert.deepEqual(joined(lab), []);
});

test('a byte-order mark at the beginning of the second file belongs to no record', async () => {
  await using lab = await twoFiles(asText(trace.slice(0, 1)), `\ufeff${asText([...trace.slice(1), 'x', 'y'])}`, 2);
  assert.deepEqual(joined(lab), [trace.join('\n')]);
  assert.deepEqual(places(lab), ['0-40+3-43', '43-45']);
  await lab.arrives('the cursors', () => [...lab.cursors.values()].some(({ offset }) => offset === 45));
  const ledgers = [...lab.cursors.values()].map(({ ledger: { delivered, leftOut } }) => [delivered, leftOut]);
  assert.deepEqual(ledgers, [
    [42, 3],
    [40, 0],
  ]);
});

test('blank lines around the end of the first file are within the record', async () => {
  await using lab = await twoFiles(
    'Traceback (most recent call last):\n  File "a", line 1\n\n',
    '\n  File "b", line 2\nE: x\ny\nz\n',
    2,
  );
  assert.deepEqual(joined(lab), [
    'Traceback (most recent call last):\n  File "a", line 1\n\n\n  File "b", line 2\nE: x',
  ]);
});

test('wrapped lines, and parts of one, go on in the second file', async () => {
  const [first, ...others] = trace.map((line) => cri('stderr', 'F', line));
  await using lab = await twoFiles(
    asText([first!]),
    asText([...others, cri('stderr', 'P', 'x'), cri('stderr', 'F', 'y'), cri('stderr', 'F', 'z')]),
    2,
    { format: 'cri' },
  );
  assert.deepEqual(joined(lab), [trace.join('\n')]);
  await using parts = await twoFiles(
    asText([cri('stdout', 'P', 'one ')]),
    asText([cri('stdout', 'F', 'line'), cri('stdout', 'F', 'next')]),
    2,
    { format: 'cri', joins: false },
  );
  assert.deepEqual(joined(parts), ['one line']);
});

test('where lines of another stream lie between them, nothing is joined and nothing is lost', async () => {
  const [first, second, third] = trace.map((line) => cri('stderr', 'F', line));
  await using lab = await twoFiles(
    asText([first!]),
    asText([
      cri('stdout', 'F', 'a'),
      second!,
      cri('stdout', 'F', 'b'),
      third!,
      cri('stdout', 'F', 'c'),
      cri('stderr', 'F', 'd'),
    ]),
    4,
    { format: 'cri', groupTimeoutMs: 300 },
  );
  await lab.arrives('all of it', () => lab.lane.isDrained);
  assert.deepEqual(joined(lab), []);
  const lines = lab.sent.flatMap(({ text }) => text.split('\n'));
  assert.deepEqual(lines.toSorted(), [...trace, 'a', 'b', 'c', 'd'].toSorted());
});

test('a file in UTF-16 is not joined with the one before', async () => {
  await using lab = await twoFiles(
    asText(trace),
    Buffer.from(`\ufeff${asText(['\tat a.B.e(B.java:3)', 'x', 'y'])}`, 'utf16le'),
    3,
  );
  assert.deepEqual(joined(lab), []);
  assert.deepEqual(lab.sent.map(({ text }) => text).slice(0, 2), [trace.join('\n'), '\tat a.B.e(B.java:3)']);
});

test('a record of both files that no batch takes comes as that of each', async () => {
  const long = `\tat a.B.${'x'.repeat(300)}(B.java:3)`;
  await using lab = await twoFiles(asText([...trace, long]), asText([long, 'x', 'y']), 3, {
    limits: { recordBytes: 700 },
  });
  assert.deepEqual(joined(lab), []);
  assert.deepEqual(lab.sent.map(({ text }) => text).slice(0, 2), [[...trace, long].join('\n'), long]);
});
