import assert from 'node:assert/strict';
import { itemLayout as httpLayout } from '../../outputs/http/encode.js';
import { piece } from '../../src/kernel/arena.js';
import { DocumentWriter } from '../../src/kernel/document.js';
import { Kernel, type Job, type JobLimits, type Taken } from '../../src/kernel/kernel.js';
import { makePlan, type Plan } from '../../src/kernel/plan.js';
import { lineNames } from '../../src/line-names.js';
import type { ItemLayout } from '../../src/types/batch.js';
import type { LineShape } from '../../src/types/parser.js';

/** A kernel as the lanes make it; undefined where it can't be had. */
export function makeKernel(
  bytes: number,
  maxLineBytes: number,
  document: DocumentWriter,
  names = lineNames,
): Kernel | undefined {
  return Kernel.create(bytes, maxLineBytes, { ...names, agent: document.names });
}

export interface KernelLabOptions {
  readonly sourceBytes: number;
  readonly slotBytes: number;
  readonly records: number;
  readonly maxLineBytes: number;
  readonly layout?: ItemLayout;
  readonly statics?: Readonly<Record<string, unknown>>;
  readonly joinTriggers?: readonly string[];
  /** What lies at the very end of the memory, with nothing behind its slack. */
  readonly last?: 'source' | 'slot' | 'columns';
}

/** Where a call begins, and what it may take. */
export interface Call {
  /** Lines of [at, to) of the source, whose first byte is at `base` in the file. */
  readonly at: number;
  readonly to: number;
  readonly base: number;
  readonly shape: LineShape;
  readonly limits: JobLimits;
  /** Items that are in the slot, and the bytes of them. */
  readonly count: number;
  readonly used: number;
}

export interface CallResult extends Taken {
  readonly at: number;
  readonly lastTimeMs: number;
  readonly oldest: number;
  readonly newest: number;
}

export const anyLimits: JobLimits = { records: Infinity, weight: 1e9, weightSum: 1e9, spanMs: Infinity };

/** The kernel alone, with the pieces that it works on, and its whole memory to look at. */
export class KernelLab {
  readonly kernel: Kernel;
  readonly memory: Buffer;
  readonly source: Buffer;
  readonly slot: Buffer;
  readonly offsets: Uint32Array;
  readonly weights: Float64Array;
  readonly times: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly plan: Plan;
  /** Address of the first byte that neither the kernel nor its plan keeps anything in. */
  readonly begin: number;

  constructor(private readonly options: KernelLabOptions) {
    const { sourceBytes, slotBytes, records, maxLineBytes, layout = httpLayout, statics = {}, last = 'slot' } = options;
    const document = new DocumentWriter(statics);
    const columns = piece(4 * (records + 1)) + 4 * piece(8 * records);
    const names = { ...lineNames, joinTriggers: options.joinTriggers ?? lineNames.joinTriggers };
    const kernel = makeKernel(piece(sourceBytes) + piece(slotBytes) + columns + 1024, maxLineBytes, document, names);
    assert.ok(kernel, 'the kernel can be had here');
    this.kernel = kernel;
    const { arena } = kernel;
    this.memory = Buffer.from(kernel.planArea.buffer);
    const facts = { fileId: '0123456789abcdef01234567', path: '/var/log/app/a.log', birthMs: 0 };
    const plan = makePlan(layout, document, facts, 0, kernel.planArea);
    assert.ok(plan);
    this.plan = plan;
    this.begin = arena.bytes(0).byteOffset;
    // A piece of nothing, so that what comes behind it ends where the memory does.
    const used = piece(sourceBytes) + piece(slotBytes) + columns;
    arena.bytes(Math.floor((this.memory.length - this.begin - used - 2 * piece(0)) / 16) * 16);
    const source = last === 'source' ? undefined : arena.bytes(sourceBytes);
    const slot = last === 'slot' ? undefined : arena.bytes(slotBytes);
    this.offsets = arena.uint32(records + 1);
    this.weights = arena.float64(records);
    this.times = arena.float64(records);
    this.starts = arena.float64(records);
    this.ends = arena.float64(records);
    this.source = source ?? arena.bytes(sourceBytes);
    this.slot = slot ?? arena.bytes(slotBytes);
  }

  run(call: Call): CallResult {
    const { offsets, weights, times, starts, ends, slot: buffer, source, plan } = this;
    const { count, used, at, to, base, shape } = call;
    offsets[count] = used;
    const taken: Taken = { count, weightSum: used, blanks: 0, wrappedBlanks: 0 };
    const job: Job = {
      at,
      to,
      source,
      base,
      shape,
      plan,
      maxLineBytes: this.options.maxLineBytes,
      slot: { buffer, offsets, weights, times, count, weightSum: used },
      starts,
      ends,
      lastTimeMs: Number.NaN,
      fallbackTimeMs: 1_800_000_000_000,
      lineWeight: undefined,
      limits: { ...call.limits, records: Math.min(call.limits.records, this.options.records) },
      oldest: 0,
      newest: 0,
    };
    this.kernel.run(job, taken);
    return { ...taken, at: job.at, lastTimeMs: job.lastTimeMs, oldest: job.oldest, newest: job.newest };
  }
}
