import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlain } from '../../src/formats/plain.js';
import type { LineShape } from '../../src/types/parser.js';
import { newRecord } from '../../src/types/record.js';
import { anyLimits, KernelLab } from '../support/kernel-lab.js';
import { lineOf } from '../support/lines.js';
import { mutate } from '../support/lines/mutation.js';
import { plainBorders, plainEdge } from '../support/lines/plain-edges.js';
import { Random } from '../support/random.js';

/** As in kernel.test.ts. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const wantedLines = Number(process.env.PANNIER_LINES ?? '60000');

const joinTriggers = ['Caused by:', 'at ', '...', 'a', 'Traceback (most recent call last)', '}', '--- End', 'at sun'];
const lab = new KernelLab({
  sourceBytes: 1 << 20,
  slotBytes: 8 << 20,
  records: 4096,
  maxLineBytes: 65_536,
  joinTriggers,
});
const guessed: LineShape = { wrapper: 'none', content: 'guessed-text', zonelessIsUtc: true, joins: false };

/** For each line whether the kernel takes it, when it is asked again behind each that it leaves. */
function takes(lines: readonly Buffer[], shape: LineShape, base: number): boolean[] {
  const ends: number[] = [];
  let to = 0;
  for (const line of lines) {
    to += line.copy(lab.source, to);
    lab.source[to++] = 0x0a;
    ends.push(to);
  }
  const taken: boolean[] = [];
  for (let at = 0; at < to;) {
    const result = lab.run({ at, to, base, shape, limits: anyLimits, count: 0, used: 0 });
    while ((ends[taken.length] ?? Infinity) <= result.at) taken.push(true);
    at = ends[taken.length] ?? to;
    if (taken.length < lines.length) taken.push(false);
  }
  return taken;
}

function plain(line: Buffer, start: number): boolean {
  const record = newRecord();
  record.text = line;
  record.to = line.length;
  record.start = start;
  return isPlain(record);
}

const isBlank = (line: Buffer): boolean => /^[ \t\r\v\f]*$/.test(line.toString('latin1'));
/** As it is framed: without a carriage return at its end. */
const framed = (line: Buffer): Buffer => (line.at(-1) === 0x0d ? line.subarray(0, -1) : line);

function makeLine(random: Random): Buffer {
  const kind = random.below(4);
  const line = Buffer.from(kind < 2 ? plainEdge(random) : lineOf(random, random.pick(['text', 'mixed']), kind === 2));
  return random.oneIn(4) ? mutate(random, line) : line;
}

const linesOf = (random: Random, make: (random: Random) => Buffer): Buffer[] =>
  Array.from({ length: 500 }, () => make(random)).filter((line) => !line.includes(0x0a) && line.length < 65_536);

test('the kernel takes for text, unless told that it is, just what shows nothing of a format', (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  const random = new Random(seed);
  const edges = plainBorders().map((line) => Buffer.from(line));
  const count = { lines: 0, plain: 0 };
  const compare = (lines: readonly Buffer[], base: number): void => {
    const taken = takes(lines, guessed, base);
    let start = base;
    for (const [i, line] of lines.entries()) {
      const text = framed(line);
      const wanted = isBlank(text) || (text[0] !== 0 && plain(text, start));
      assert.equal(taken[i], wanted, `at ${start}: ${JSON.stringify(line.toString('latin1'))}`);
      start += line.length + 1;
      count.lines += 1;
      count.plain += Number(wanted);
    }
  };
  for (let at = 0; at < edges.length; at += 500) compare(edges.slice(at, at + 500), 1);
  while (count.lines < wantedLines) compare(linesOf(random, makeLine), random.pick([0, 1, 2 ** 40]));
  t.diagnostic(`${count.lines} lines, ${count.plain} of them plain`);
  assert.ok(count.plain > count.lines / 6 && count.plain < (count.lines * 3) / 4, 'enough of both kinds');
});

/** As the rule says it, beside the kernel. */
const mayJoin = (line: Buffer): boolean =>
  line.length === 0 ||
  [0, 9, 10, 11, 12, 13, 32].includes(line[0]!) ||
  joinTriggers.some((trigger) => line.toString('latin1').startsWith(trigger));

function makeJoining(random: Random): Buffer {
  if (random.oneIn(3)) return Buffer.from(plainEdge(random));
  if (random.oneIn(8)) return Buffer.from(random.pick(['', ' ', '\r', '\tx', '\0x', ' \t', 'x\r', '{"a":1}']));
  const trigger = random.pick(joinTriggers);
  return Buffer.from(
    random.oneIn(2) ? trigger.slice(0, random.below(trigger.length + 1)) : `${trigger}${plainEdge(random)}`,
  );
}

for (const content of ['text', 'guessed-text'] as const)
  test(`where lines may belong together the kernel takes a line of ${content} only when the next one shows that they do not`, (t) => {
    t.diagnostic(`PANNIER_SEED=${seed}`);
    const random = new Random(seed + 1);
    const shape: LineShape = { ...guessed, content, joins: true };
    const count = { lines: 0, taken: 0 };
    while (count.lines < wantedLines / 2) {
      const lines = linesOf(random, makeJoining);
      const taken = takes(lines, shape, 1);
      for (const [i, line] of lines.entries()) {
        const text = framed(line);
        const next = lines[i + 1];
        const alone = next !== undefined && !mayJoin(text) && !mayJoin(framed(next));
        // Behind a line that it left a blank one is passed.
        const wanted = isBlank(text) || (alone && (content === 'text' || plain(text, 1)));
        assert.equal(taken[i], wanted, JSON.stringify([text.toString('latin1'), next?.toString('latin1')]));
        count.taken += Number(wanted);
      }
      count.lines += lines.length;
    }
    t.diagnostic(`${count.lines} lines, ${count.taken} taken`);
    assert.ok(count.taken > count.lines / 10 && count.taken < (count.lines * 3) / 4, 'enough of both kinds');
  });

test('wrapped lines that may belong together are taken only before one of the same stream', () => {
  const shape: LineShape = { ...guessed, wrapper: 'cri', joins: true };
  const line = (stream: string, text: string): Buffer => Buffer.from(`2026-11-20T09:15:02.5Z ${stream} F ${text}`);
  const taken = (...lines: Buffer[]): boolean[] => takes(lines, shape, 1);
  assert.deepEqual(taken(line('stdout', 'one a'), line('stdout', 'two b'), line('stdout', 'x y')), [true, true, false]);
  assert.deepEqual(taken(line('stdout', 'one a'), line('stderr', 'two b'), line('stderr', 'x y')), [
    false,
    true,
    false,
  ]);
  for (const second of ['', ' ', '\tx', 'at x', '...', 'Caused by: x', 'ERROR x', '[x]'])
    assert.deepEqual(taken(line('stdout', 'one a'), line('stdout', second), line('stdout', 'x y'))[0], false, second);
});
