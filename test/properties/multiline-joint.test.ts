import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { RetryableError } from '../../src/types/errors.js';
import type { StoredCursor } from '../../src/types/stored.js';
import { LaneLab, type Sent } from '../support/lane-lab.js';
import { asText } from '../support/logs.js';

const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Lines that are one record. */
const unit = fc.oneof(
  fc.constant(['plain']),
  fc
    .array(fc.boolean(), { minLength: 1, maxLength: 4 })
    .map((causes) => [
      'java.lang.IllegalStateException: broken',
      ...causes.flatMap((isCause) => [...(isCause ? ['Caused by: java.io.IOException'] : []), '\tat a.B.c(B.java:5)']),
    ]),
);

interface Case {
  readonly units: readonly (readonly string[])[];
  /** Where the lines go on in another file, and where the second part of that begins: parts of 1. */
  readonly cut: number;
  readonly second: number;
  readonly failures: number;
  /** Whether the program is killed after the rename, and which of the cursors that it had were on disk. */
  readonly killed: 'never' | 'before the successor' | 'between its parts' | 'at the end';
  readonly kept: number;
  readonly batchRecords: number;
}

const one = fc.double({ min: 0, max: 0.999, noNaN: true });
const cases: fc.Arbitrary<Case> = fc.record({
  units: fc.array(unit, { minLength: 2, maxLength: 12 }),
  cut: one,
  second: one,
  failures: fc.nat({ max: 2 }),
  killed: fc.constantFrom('never', 'before the successor', 'between its parts', 'at the end'),
  kept: one,
  batchRecords: fc.constantFrom(1, 2, 1000),
});

type Cursors = ReadonlyMap<string, StoredCursor>;

class Runs {
  readonly sent: Sent[] = [];
  /** The cursors as they were, whenever a commit might have happened. */
  readonly snapshots: Cursors[] = [new Map()];
  lab!: LaneLab;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly dir: string,
    private readonly batchRecords: number,
    private failures: number,
  ) {}

  async start(cursors: Cursors = new Map(), stored: LaneLab['files'] = new Map()): Promise<void> {
    this.lab = await LaneLab.open({
      dir: this.dir,
      joins: true,
      batchMaxWaitMs: 1,
      limits: { batchRecords: this.batchRecords },
      cursors,
      stored: [...stored.values()],
      send: (records) => {
        if (this.failures-- > 0) throw new RetryableError('OUTPUT_UNREACHABLE', 'an outage');
        this.sent.push(...records);
        return 'accepted';
      },
    });
    for (const [fileId, cursor] of cursors) this.lab.cursors.set(fileId, cursor);
    for (const file of stored.values()) this.lab.files.set(file.fileId, file);
    await this.lab.start();
    this.timer ??= setInterval(() => this.snapshot(), 1);
  }

  snapshot(): void {
    this.snapshots.push(new Map(this.lab.cursors));
  }

  async kill(kept: number): Promise<void> {
    const cursors = this.snapshots[Math.floor(kept * this.snapshots.length)]!;
    await this.lab[Symbol.asyncDispose]();
    assert.equal(this.lab.failure, undefined);
    this.snapshots.length = 0;
    this.snapshots.push(cursors);
    await this.start(cursors, this.lab.files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.lab[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function check({ units, cut, second, failures, killed, kept, batchRecords }: Case): Promise<void> {
  const records = [...units, ['end']].map((lines, n) => lines.map((line) => `${line} #${n}`));
  const lines = records.flat();
  const inFirst = 1 + Math.floor(cut * (lines.length - 1));
  const inSecond = inFirst + 1 + Math.floor(second * (lines.length - inFirst));
  await using runs = new Runs(await mkdtemp(join(tmpdir(), 'pannier-joint-')), batchRecords, failures);
  const at = join(runs.dir, 'a.log');
  await writeFile(at, asText(lines.slice(0, inFirst)));
  await runs.start();
  await wait(20);
  await rename(at, `${at}.1`);
  if (killed === 'before the successor') await runs.kill(kept);
  if (inSecond > inFirst) await writeFile(at, asText(lines.slice(inFirst, inSecond)));
  await runs.lab.table.scan();
  await wait(30);
  if (killed === 'between its parts') await runs.kill(kept);
  await appendFile(at, asText(lines.slice(inSecond)));
  await runs.lab.table.scan();
  runs.lab.table.lookAtAll();
  const done = async (): Promise<void> => {
    runs.lab.lane.hurry(30);
    const drained = (): boolean => runs.lab.lane.isDrained || runs.lab.failure !== undefined;
    await runs.lab.arrives('everything', drained, 20_000);
  };
  await done();
  runs.snapshot();
  if (killed === 'at the end') {
    await runs.kill(kept);
    await done();
    runs.snapshot();
  }
  assert.equal(runs.lab.failure, undefined);
  const byId = new Map(runs.sent.map(({ id, text }) => [id, text]));
  assert.deepEqual(
    [...byId.values()].toSorted(),
    records.map((record) => record.join('\n')).toSorted(),
    [...byId.keys()].join(' '),
  );
  const first = asText(lines.slice(0, inFirst)).length;
  const isCut = records.some(
    (_, n) =>
      asText(records.slice(0, n).flat()).length < first && asText(records.slice(0, n + 1).flat()).length > first,
  );
  assert.equal([...byId.keys()].filter((id) => id.includes('+')).length, isCut ? 1 : 0);
  // The ledger of each file is of its own bytes.
  const sizes = [(await stat(`${at}.1`)).size, (await stat(at)).size];
  const ledgers = [...runs.lab.cursors.values()].map(({ ledger }) => ledger.delivered);
  assert.deepEqual(ledgers.toSorted(), sizes.filter((size) => size > 0).toSorted());
  assert.equal(runs.lab.letters.length, 0);
}

test('a record that lies in two files comes once, however its lines, batches, kills and commits fall', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  await fc.assert(fc.asyncProperty(cases, check), {
    seed,
    numRuns: 60,
    includeErrorInReport: true,
    endOnFailure: true,
  });
});
