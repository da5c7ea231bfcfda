import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Evidence, Format, FormatContext } from './format.js';
import { PartGroups } from './groups/part-groups.js';
import { isPlain } from './plain.js';
import { recordOf } from './testing.js';
import { utc } from './times/zone.js';

/** What `promises` has to know of a format. */
export interface Promised {
  /** Lines of it: the tests cut and mend them. */
  readonly samples: readonly string[];
  /** What its lines are made of, to be repeated without end. */
  readonly pieces: readonly string[];
  /** What a header line of its files said. */
  readonly header?: string;
}

const kinds: readonly Evidence[] = ['none', 'usual', 'demanded'];

/**
 * For the tests of this room: what every format promises, with lines like its own and with others. It never throws; a line that it refuses is as it
 * was; the text is never touched; a line that shows nothing of any format, and prose, is never taken for it; time grows with the line and no more.
 */
export function promises(format: Format, { samples, pieces, header = '' }: Promised): void {
  const { name } = format;
  const contextOf = (): FormatContext => ({
    zone: utc,
    groups: new PartGroups(1 << 20, () => {}),
    header: { text: header },
  });
  const read = (line: Buffer | string, evidence: Evidence): string | undefined => {
    const record = recordOf(line, 7);
    const before = structuredClone(record);
    const reading = format.read(record, evidence, contextOf());
    assert.deepEqual(record.text, Buffer.from(before.text));
    assert.deepEqual([record.from, record.to], [before.from, before.to]);
    if (reading === undefined) assert.deepEqual({ ...record, text: '' }, { ...before, text: '' });
    for (const { json } of reading === 'record' ? record.members : []) JSON.parse(json);
    return reading;
  };
  const mended = fc
    .record({
      sample: fc.constantFrom(...samples),
      piece: fc.oneof(fc.constantFrom(...pieces), fc.string()),
      at: fc.nat(400),
      cut: fc.nat(6),
    })
    .map(({ sample, piece, at, cut }) => sample.slice(0, at) + piece + sample.slice(at + cut));
  const joined = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 40 })
    .map((all) => all.join(''));
  const bytes = fc.uint8Array({ maxLength: 80 }).map((all) => Buffer.from(all));

  void test(`${name}: each of its lines is taken without being asked for`, () => {
    for (const sample of samples) assert.notEqual(read(sample, 'none'), undefined, sample);
  });

  void test(`${name}: a part of a split line is not taken`, () => {
    for (const sample of samples) {
      const part = { offset: 0, index: 1, last: true };
      assert.equal(format.read(recordOf(sample, 7, part), 'demanded', contextOf()), undefined, sample);
    }
  });

  void test(`${name}: no line makes it throw, and one that it refuses is as it was`, () => {
    const lines: fc.Arbitrary<string | Buffer> = fc.oneof(mended, joined, bytes, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(lines, fc.constantFrom(...kinds), (line, evidence) => void read(line, evidence)),
      { numRuns: 3000 },
    );
  });

  void test(`${name}: a line that shows nothing of any format is not taken`, () => {
    const word = fc.constantFrom(...pieces, ...prose.flatMap((line) => line.split(' ')));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const record = recordOf(words.join(' '), 7);
        if (isPlain(record)) assert.equal(format.read(record, 'none', contextOf()), undefined, words.join(' '));
      }),
      { numRuns: 3000 },
    );
  });

  void test(`${name}: prose is not taken`, () => {
    for (const line of prose) assert.equal(read(line, 'none'), undefined, line);
  });

  void test(`${name}: time is linear in the line, whatever is repeated`, () => {
    for (const start of ['', ...samples, ...samples.map((sample) => sample.slice(0, sample.length / 2))]) {
      for (const piece of pieces) {
        const line = start + piece.repeat(Math.ceil(400_000 / piece.length));
        const record = recordOf(line, 7);
        const begin = process.cpuUsage().user;
        format.read(record, 'demanded', contextOf());
        const ms = (process.cpuUsage().user - begin) / 1000;
        // Quadratic time would be minutes; a few ms are usual.
        assert.ok(ms < 500, `${ms} ms for ${start} and ${piece} repeated`);
      }
    }
  });
}

/** Lines that people and programs write and that are of no format, with what tempts a guess in them. */
const prose = [
  'at 12:30 we meet, at 14:15 we part',
  'Error in the kitchen: the cake fell',
  '2026 was a good year',
  '20 Nov was cold',
  '[see below] "quoted" 200 12',
  'Nov 20 was the day they met',
  '192.0.2.7 is the address of the host',
  '"GET / HTTP/1.1" 200 is what it said',
  'a [20/Nov/2026 to 21/Nov/2026] trip',
  '<b>bold</b> text',
  '<12> is a number in brackets',
  '<34>',
  '# a heading',
  '#Version: of the truth',
  '#Fields: of gold',
  '- a list item: with a colon',
  '    at Object.<anonymous> (/app/index.js:12:30)',
  'Caused by: java.io.IOException: 09:15:02 closed',
  '\tsome text behind a tab',
  'http 12 times',
  'https://shop.example/a?b=c 12:30',
  '1700000000.123 is a time',
  'June 5 12:30:00 is when it was',
  '09:15:02 on the clock',
  '11/20/2026 is a date',
  '[12:30] meeting [13:30] lunch',
  '(node:12) Warning: something',
  '{ a: 1, b: [20/Nov/2026:09:15:02] }',
  'Ünïcödé wörds 12:30:00 — “quoted”',
  '',
  ' ',
];
