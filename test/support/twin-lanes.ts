import assert from 'node:assert/strict';
import { itemLayouts } from '../../outputs/cloudwatch/encode.js';
import { itemLayout as elasticsearchLayout } from '../../outputs/elasticsearch/encode.js';
import { indexRules } from '../../outputs/elasticsearch/index-name.js';
import { itemLayout as httpLayout } from '../../outputs/http/encode.js';
import { parseTemplate } from '../../outputs/template.js';
import { emptyFingerprint } from '../../src/files/identity.js';
import { SourceFile } from '../../src/files/source-file.js';
import { createParser, type JoiningOptions } from '../../src/formats/parser.js';
import { heapArena, piece, type Arena } from '../../src/kernel/arena.js';
import { DocumentWriter } from '../../src/kernel/document.js';
import { writeItem } from '../../src/kernel/item.js';
import { Slot, slotBytes } from '../../src/kernel/slot.js';
import { BytePath, type Chunk, type Progress } from '../../src/lane/byte-path.js';
import { Filler } from '../../src/lane/filler.js';
import { batchBytes, LaneBatch } from '../../src/lane/lane-batch.js';
import { ReadArea } from '../../src/lane/read-area.js';
import { Tailer } from '../../src/lane/tailer.js';
import { Fate, type ItemLayout, type Limits } from '../../src/types/batch.js';
import { joinerOf } from '../../src/lines/joiner.js';
import type { LineParser } from '../../src/types/parser.js';
import { newRecord } from '../../src/types/record.js';
import { emptyLedger } from '../../src/types/stored.js';
import { makeKernel } from './kernel-lab.js';

function elasticsearch(index: string): ItemLayout {
  const parsed = parseTemplate(index, indexRules);
  assert.ok('template' in parsed);
  return elasticsearchLayout(parsed.template);
}

/** How each output writes its items. */
export const layouts = {
  'one index': elasticsearch('logs-pay'),
  'index of a day': elasticsearch('logs-{yyyy.MM.dd}'),
  'index of an hour': elasticsearch('logs-{yyyy.MM.dd.HH}'),
  'index of a field': elasticsearch('logs-{field:service}'),
  http: httpLayout,
  'cloudwatch line': itemLayouts.line,
  'cloudwatch json': itemLayouts.json,
} satisfies Record<string, ItemLayout>;

/** What the lanes of one run share. Plain values, so that a failed run can be shown whole. */
export interface World {
  readonly layout: keyof typeof layouts;
  readonly format: string;
  readonly timezone: string;
  readonly statics: Readonly<Record<string, unknown>>;
  readonly maxLineBytes: number;
  readonly turnBytes: number;
  readonly batchRecords: number;
  /** The setting, and the limit of the destination. */
  readonly batchBytes: number;
  readonly limitBytes: number;
  readonly recordBytes: number;
  readonly spanMs: number;
  /** Bytes of a slot beyond the largest batch or record. */
  readonly slackBytes: number;
  /** As a lane does it, by bytes; then its turns are others than those by objects. */
  readonly longTurns?: boolean;
  /** PANNIER_MULTILINE; left out: `off`. */
  readonly multiline?: string;
  /** A batch is sent after so many turns, full or not. */
  readonly turnsPerBatch: number;
}

export interface TwinFile {
  readonly lines: readonly Buffer[];
  /** Shares of the file, ascending, at which its growth is looked at; the last look finds all of it. */
  readonly looks: readonly number[];
  /** What is open at a look is shipped as it is. */
  readonly flushes: boolean;
  /** The format that an earlier run had learned. */
  readonly remembered: string;
  readonly mtimeMs: number;
  /** Offset of the first byte; what is before it was read by an earlier run. */
  readonly base: number;
}

/** All that can be seen of a run from outside: the batches, their tables, and what was said between them. */
export interface Observed {
  readonly bodies: Buffer[];
  /** Per record: place in its body, weight, time, place in the file. */
  readonly numbers: number[];
  readonly notes: string[];
}

interface Rig {
  readonly area: ReadArea;
  readonly batch: LaneBatch;
  readonly bytePath: BytePath | undefined;
}

class CountingBytePath extends BytePath {
  lines = 0;

  override take(...args: [Chunk, LineParser, LaneBatch, Filler, Tailer]): Progress | undefined {
    const before = args[2].count;
    const progress = super.take(...args);
    if (progress !== undefined) this.lines += args[2].count - before + progress.blanks;
    return progress;
  }
}

const nowMs = Date.UTC(2026, 10, 20, 23, 59, 59, 999);

/** One lane twice, with and without the byte path, over files in memory. Both are to give the same. */
export class TwinLanes {
  private readonly document: DocumentWriter;
  private readonly limits: Limits;
  private readonly bytes: Rig;
  private readonly objects: Rig;
  private readonly groupBytes: number;
  private readonly joining: JoiningOptions | undefined;
  private readonly counter: CountingBytePath;

  constructor(readonly world: World) {
    const { batchRecords, maxLineBytes, turnBytes, recordBytes, spanMs, slackBytes } = world;
    this.document = new DocumentWriter(world.statics);
    this.limits = { batchBytes: world.limitBytes, batchRecords, recordBytes, spanMs, singleFile: false };
    const bytes =
      Math.max(Math.min(world.batchBytes, world.limitBytes), Math.min(2 * maxLineBytes, recordBytes)) + slackBytes;
    const slot = { bytes, records: batchRecords };
    this.groupBytes = Math.min(maxLineBytes, Math.floor(bytes / 2));
    const makeJoiner = joinerOf(world.multiline ?? 'off', undefined);
    this.joining = makeJoiner && { makeJoiner, maxBytes: this.groupBytes, hasTriggers: true };
    const wanted = ReadArea.size(turnBytes, maxLineBytes) + batchBytes(slot);
    const kernel = makeKernel(wanted, maxLineBytes, this.document);
    assert.ok(kernel, 'the kernel can be had here');
    this.counter = new CountingBytePath({
      kernel,
      layout: layouts[world.layout],
      document: this.document,
      limits: this.limits,
      maxLineBytes,
    });
    const rig = (arena: Arena, bytePath: BytePath | undefined): Rig => ({
      area: new ReadArea(turnBytes, maxLineBytes, arena),
      batch: new LaneBatch(new Slot({ ...slot, document: this.document, arena }), batchRecords, arena),
      bytePath,
    });
    this.bytes = rig(kernel.arena, this.counter);
    this.objects = rig(heapArena, undefined);
    assert.ok(piece(1) + slotBytes(slot) > bytes, 'the arena counts the slot whole');
  }

  /** Lines that the kernel took so far. */
  get taken(): number {
    return this.counter.lines;
  }

  /** Reads the files in turn, as a lane does. */
  async run(way: 'bytes' | 'objects', files: readonly TwinFile[]): Promise<Observed> {
    const { area, batch, bytePath } = way === 'bytes' ? this.bytes : this.objects;
    const { world, limits } = this;
    const layout: ItemLayout = layouts[world.layout];
    const observed: Observed = { bodies: [], numbers: [], notes: [] };
    const filler = new Filler(
      (record, body) => writeItem(layout, record, body),
      limits,
      () => world.batchBytes,
      () => Infinity,
    );
    batch.clear();
    const record = newRecord();
    const tailers = files.map((file, i) => this.open(file, i, bytePath, observed.notes));
    const send = (): void => {
      observe(batch, observed);
      batch.clear();
    };
    let turns = 0;
    const steps = Math.max(0, ...files.map(({ looks }) => looks.length));
    for (let step = 0; step <= steps; step += 1) {
      for (const [i, tailer] of tailers.entries()) grow(tailer, files[i]!, step);
      const busy = new Set(tailers.keys());
      while (busy.size > 0) {
        for (const i of busy) {
          const tailer = tailers[i]!;
          const isLast = step >= files[i]!.looks.length;
          const flush = (isLast || files[i]!.flushes) && tailer.stalled;
          const turn = await tailer.turn(area, batch, filler, record, flush ? Infinity : -1);
          const { records, parsed } = tailer.readings;
          observed.notes.push(`${i} ${turn} ${tailer.unread} ${tailer.format} ${tailer.lastTimeMs} ${batch.count}`);
          if (turn !== 'full' && turn !== 'no-room') observed.notes.push(`read ${records}, parsed ${parsed}`);
          assert.ok(turn !== 'unreadable', 'a file in memory can be read');
          assert.ok((turns += 1) < 1_000_000, 'every turn gets on');
          if (turn === 'full' || turn === 'no-room' || turns % world.turnsPerBatch === 0) send();
          if (turn === 'end' && (!isLast || flush || !tailer.stalled)) busy.delete(i);
        }
      }
    }
    send();
    for (const { watermark } of tailers) observed.notes.push(JSON.stringify([watermark.cursor, watermark.ledger]));
    return observed;
  }

  private open(file: TwinFile, number: number, bytePath: BytePath | undefined, notes: string[]): Tailer {
    const bytes = Buffer.concat(file.lines);
    const { base, mtimeMs } = file;
    const { world } = this;
    const source: SourceFile = new SourceFile(
      `0123456789abcdef0123456${number}`,
      number === 0 ? '/var/log/app/a.log' : `/var/log/"ü"/${number}.log`,
      { device: '1', inode: String(number), birthNs: '', size: base, mtimeMs, kind: 'file' },
      emptyFingerprint,
      0,
      0,
      {
        contentOf: () => Promise.resolve(source.content),
        changed: () => assert.fail('the file does not change'),
        failed: (_file, error) => assert.fail(String(error)),
      },
    );
    source.content = {
      look: () => ({ size: source.size, mtimeMs, links: 1 }),
      read: (target, at, length, position) =>
        Promise.resolve(
          bytes.copy(target, at, position - base, Math.max(0, Math.min(source.size, position + length) - base)),
        ),
      close: () => {},
    };
    source.format = file.remembered;
    if (base > 0) source.encoding = 'utf-8';
    const cursor = { offset: base, anchor: '', anchorLength: 0, lineStart: -1, part: 0 };
    const ledger = { ...emptyLedger(), leftOut: base };
    return new Tailer(source, base > 0 ? { ...cursor, ledger } : undefined, {
      maxLineBytes: world.maxLineBytes,
      turnBytes: world.turnBytes,
      longTurns: world.longTurns ?? false,
      makeParser: (remembered) =>
        createParser(world.format, {
          timezone: world.timezone,
          remembered,
          maxGroupBytes: this.groupBytes,
          joining: this.joining,
        }),
      now: () => nowMs,
      learned: ({ format, encoding }) => void notes.push(`learned ${format} ${encoding}`),
      moved: () => {},
      bytePath,
      leftOut: (reason, count) => void notes.push(`left out ${reason} ${count}`),
    });
  }
}

function grow({ file }: Tailer, { lines, looks, base }: TwinFile, step: number): void {
  const whole = lines.reduce((sum, { length }) => sum + length, 0);
  const size = base + Math.floor((looks[step] ?? 1) * whole);
  if (size > file.size) file.grow(size, 0);
}

/** Copies what there is to see of a batch, and settles it. */
function observe(batch: LaneBatch, { bodies, numbers, notes }: Observed): void {
  const { count } = batch;
  if (count === 0) return;
  const items = batch.items(0, count);
  bodies.push(Buffer.from(items.body));
  notes.push(`sent ${count} ${batch.slot.weightSum}`);
  for (let i = 0; i < count; i += 1) {
    numbers.push(
      items.itemStart(i),
      items.itemEnd(i),
      items.weight(i),
      items.timeMs(i),
      batch.starts[i]!,
      batch.ends[i]!,
    );
    const { id, path } = batch.describe(i);
    if (!id.endsWith(`-${batch.starts[i]}-${batch.ends[i]}`)) notes.push(`${id} ${path}`);
    batch.settle(i, i % 7 === 0 ? Fate.deadLettered : Fate.delivered);
  }
}

/** What differs first, in words; undefined when nothing does. */
export function differenceOf(one: Observed, other: Observed): string | undefined {
  for (let i = 0; i < Math.max(one.bodies.length, other.bodies.length); i += 1) {
    const [a, b] = [one.bodies[i], other.bodies[i]];
    if (a === undefined || b === undefined)
      return `batch ${i}: ${a === undefined ? 'the first' : 'the second'} has none`;
    if (!a.equals(b)) return `batch ${i}: ${bodyDifference(a, b)}`;
  }
  if (one.numbers.length !== other.numbers.length)
    return `${one.numbers.length / 6} and ${other.numbers.length / 6} records`;
  const column = ['start of item', 'end of item', 'weight', 'time', 'start in file', 'end in file'];
  for (let i = 0; i < one.numbers.length; i += 1)
    if (!Object.is(one.numbers[i], other.numbers[i]))
      return `record ${Math.floor(i / 6)}, ${column[i % 6]}: ${one.numbers[i]} and ${other.numbers[i]}`;
  for (let i = 0; i < Math.max(one.notes.length, other.notes.length); i += 1)
    if (one.notes[i] !== other.notes[i]) return `note ${i}: ${one.notes[i]} and ${other.notes[i]}`;
  return undefined;
}

function bodyDifference(one: Buffer, other: Buffer): string {
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const around = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', Math.max(0, at - 80), at + 80));
  return `byte ${at}: ${around(one)} and ${around(other)}`;
}
