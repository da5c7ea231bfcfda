import assert from 'node:assert/strict';
import { appendFile, rename } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { RetryableError } from '../../src/types/errors.js';
import { LaneLab, type Sent } from '../support/lane-lab.js';

const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const names = ['a.log', 'b.log'] as const;

type Step =
  | { readonly kind: 'write'; readonly file: number; readonly lengths: readonly number[] }
  | { readonly kind: 'part' | 'rename'; readonly file: number }
  | { readonly kind: 'outage'; readonly attempts: number };

const file = fc.nat({ max: 1 });
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.nat({ max: 30_000 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      file,
      lengths: fc.array(length, { minLength: 1, maxLength: 60 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('part' as const), file }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), attempts: fc.nat({ max: 2 }) }) },
);

/** Writes as a script says and returns what must arrive, per file that was ever there. */
class Writer {
  readonly expected: string[][] = [];
  readonly #current: string[][];
  readonly #open = names.map(() => '');
  #lines = 0;
  #renames = 0;

  constructor(private readonly lab: LaneLab) {
    this.#current = names.map(() => this.#another());
  }

  async write(file: number, lengths: readonly number[]): Promise<void> {
    const lines = lengths.map((length) => `line ${this.#lines++} ${'x'.repeat(length)}`);
    const [first = '', ...rest] = lines;
    this.#current[file]!.push(this.#open[file]! + first, ...rest);
    this.#open[file] = '';
    await this.#append(file, `${lines.join('\n')}\n`);
  }

  async part(file: number): Promise<void> {
    const text = `part ${this.#lines++} `;
    this.#open[file] = `${this.#open[file] ?? ''}${text}`;
    await this.#append(file, text);
  }

  /** A file is renamed by an application that has ended its last line. */
  async rename(file: number): Promise<void> {
    await this.write(file, [10]);
    const name = names[file]!;
    await rename(this.lab.at(name), this.lab.at(`${name}.${++this.#renames}`));
    this.#current[file] = this.#another();
  }

  async end(): Promise<void> {
    for (const [file] of names.entries()) await this.write(file, [1]);
  }

  #append(file: number, text: string): Promise<void> {
    return appendFile(this.lab.at(names[file]!), text);
  }

  #another(): string[] {
    const lines: string[] = [];
    this.expected.push(lines);
    return lines;
  }
}

test('a lane with a single slot delivers every line once, in file order, through renames and outages', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
    let failures = 0;
    const send = (records: readonly Sent[]): 'accepted' => {
      assert.ok(records.length > 0);
      if (failures-- > 0) throw new RetryableError('OUTPUT_UNREACHABLE', 'an outage');
      return 'accepted';
    };
    await using lab = await LaneLab.open({ inFlight: 0, batchMaxWaitMs: 1, limits: { batchBytes: 32_768 }, send });
    const writer = new Writer(lab);
    await lab.start();
    for (const action of steps) {
      if (action.kind === 'write') await writer.write(action.file, action.lengths);
      else if (action.kind === 'outage') failures = action.attempts;
      else await writer[action.kind](action.file);
    }
    await writer.end();
    const wanted = writer.expected.flat().length;
    await lab.arrives(`${wanted} lines`, () => lab.sent.length >= wanted || lab.failure !== undefined, 20_000);
    assert.equal(lab.failure, undefined);
    const byFile = new Map<string, string[]>();
    for (const { id, text } of lab.sent) {
      const fileId = id.slice(0, 24);
      byFile.set(fileId, [...(byFile.get(fileId) ?? []), text]);
    }
    const sorted = (lists: Iterable<string[]>): string[][] =>
      [...lists].filter((list) => list.length > 0).toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1));
    assert.deepEqual(sorted(byFile.values()), sorted(writer.expected));
  });
  await fc.assert(property, {
    seed,
    numRuns: 60,
    interruptAfterTimeLimit: 8_000,
    markInterruptAsFailure: false,
    includeErrorInReport: true,
  });
});
