import type { DocumentWriter } from '../kernel/document.js';
import type { Kernel, Taken } from '../kernel/kernel.js';
import { makePlan, type Plan } from '../kernel/plan.js';
import type { ItemLayout, Limits } from '../types/batch.js';
import type { LineParser, LineShape } from '../types/parser.js';
import type { FileFacts } from '../types/record.js';
import type { Filler } from './filler.js';
import type { LaneBatch } from './lane-batch.js';
import { markOfLines } from './marks.js';
import type { Tailer } from './tailer.js';

export interface BytePathOptions {
  readonly kernel: Kernel;
  readonly layout: ItemLayout;
  readonly document: DocumentWriter;
  readonly limits: Limits;
  readonly maxLineBytes: number;
}

/** A stretch of the read area whose lines are to become items. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly at: number;
  readonly to: number;
  /** Offset in the file of `bytes[0]`. */
  readonly base: number;
}

/** How far it came: the next line is at `at`, and so many lines were blank. */
export interface Progress {
  readonly at: number;
  readonly blanks: number;
}

/**
 * The short way from bytes to items, for whole lines of the form that a file usually has: no string, no object (design, section 5). It stops at the
 * first line that is not surely of that form, which then goes the long way; both ways give the same bytes.
 */
export class BytePath {
  private plan: Plan | undefined;
  private planFile: FileFacts | undefined;
  private readonly taken: Taken = { count: 0, weightSum: 0, blanks: 0, wrappedBlanks: 0 };

  constructor(private readonly options: BytePathOptions) {}

  /** Undefined: it can do nothing for this file. */
  take(chunk: Chunk, parser: LineParser, batch: LaneBatch, filler: Filler, tailer: Tailer): Progress | undefined {
    const shape = parser.usual;
    if (shape === undefined) return undefined;
    const { kernel, layout, limits, maxLineBytes } = this.options;
    if (this.collides(shape)) return undefined;
    const plan = this.planFor(tailer.file, tailer.recordTime);
    if (plan === undefined) return undefined;
    const job = {
      at: chunk.at,
      to: chunk.to,
      source: chunk.bytes,
      base: chunk.base,
      shape,
      plan,
      maxLineBytes,
      slot: batch.slot.table,
      starts: batch.starts,
      ends: batch.ends,
      lastTimeMs: tailer.lastTimeMs,
      fallbackTimeMs: tailer.fallbackTime,
      lineWeight: layout.weight === 'encoded' ? undefined : layout.weight.lineAnd,
      limits: {
        records: limits.batchRecords,
        weight: filler.largestWeight,
        weightSum: filler.largestSum,
        spanMs: limits.spanMs,
      },
      oldest: filler.oldest,
      newest: filler.newest,
    };
    kernel.run(job, this.taken);
    const { count, weightSum, blanks, wrappedBlanks } = this.taken;
    const hasRecords = count > batch.count;
    if (hasRecords) {
      batch.adopt(tailer, count, weightSum, markOfLines(shape.content !== 'text' && shape.content !== 'guessed-text'));
      filler.oldest = job.oldest;
      filler.newest = job.newest;
      tailer.lastTimeMs = job.lastTimeMs;
    }
    if (hasRecords || wrappedBlanks > 0) parser.readUsual(shape, hasRecords);
    return { at: job.at, blanks };
  }

  /** Members that the shape itself gives would have to move out of the agent's way. */
  private collides({ wrapper, content }: LineShape): boolean {
    const { document, kernel } = this.options;
    if (wrapper !== 'none' && document.roots.has('stream')) return true;
    const roots = content === 'access' ? kernel.accessRoots : content === 'dated-text' ? kernel.datedRoots : [];
    return roots.some((root) => document.roots.has(root));
  }

  /** Files take turns, and a batch mostly has many lines of each. */
  private planFor(file: FileFacts, timeMs: number): Plan | undefined {
    const { plan } = this;
    if (this.planFile === file && (plan === undefined || (timeMs >= plan.fromMs && timeMs < plan.toMs))) return plan;
    const { layout, document, kernel } = this.options;
    this.planFile = file;
    this.plan = makePlan(layout, document, file, timeMs, kernel.planArea);
    return this.plan;
  }
}
