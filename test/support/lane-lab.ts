import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetter } from '../../src/delivery/dead-letter.js';
import { Delivery } from '../../src/delivery/delivery.js';
import { systemFiles, type FileSystem } from '../../src/files/file-system.js';
import { FileTable } from '../../src/files/file-table.js';
import type { Looks } from '../../src/files/reader.js';
import { createParser } from '../../src/formats/parser.js';
import { DocumentWriter } from '../../src/kernel/document.js';
import { Lane } from '../../src/lane/lane.js';
import type { LaneBatch } from '../../src/lane/lane-batch.js';
import { LaneMemory } from '../../src/lane/memory.js';
import { lineNames } from '../../src/line-names.js';
import { joinerOf } from '../../src/lines/joiner.js';
import type { Pipeline } from '../../src/processing/pipeline.js';
import type { Limits, Outcomes } from '../../src/types/batch.js';
import { systemClock, type Clock } from '../../src/types/clock.js';
import type { CatchUpMode } from '../../src/types/configuration.js';
import type { StoredCursor, StoredFile } from '../../src/types/stored.js';
import { until } from './until.js';

/** A record as the destination got it. */
export interface Sent {
  readonly id: string;
  readonly path: string;
  readonly text: string;
}

export interface LaneLabOptions {
  /** What becomes of a body; default: accepted at once. */
  readonly send?: (records: readonly Sent[], bytes: number) => Promise<Outcomes> | Outcomes;
  readonly limits?: Partial<Limits>;
  readonly format?: string;
  /** Lines that belong together are joined (`auto`). */
  readonly joins?: boolean;
  /** Folder of its own by default. */
  readonly dir?: string;
  readonly maxLineBytes?: number;
  readonly batchMaxWaitMs?: number;
  readonly partialLineTimeoutMs?: number;
  readonly groupTimeoutMs?: number;
  /** Bytes of each item beside its text. */
  readonly overhead?: number;
  /** Requests that the memory has slots for, beside the batch that is filled; default 1. */
  readonly inFlight?: number;
  readonly ports?: Partial<FileSystem>;
  /** What the lane sees of the file table's looks; default: the file table. */
  readonly looks?: Looks;
  readonly stored?: readonly StoredFile[];
  readonly cursors?: ReadonlyMap<string, StoredCursor>;
  readonly pipeline?: Pipeline;
  readonly catchUp?: CatchUpMode;
  /** The lane's own; default: the system's. */
  readonly clock?: Clock;
}

/** One lane between a folder and a destination in memory, without the rest of the program. */
export class LaneLab implements AsyncDisposable {
  readonly sent: Sent[] = [];
  readonly letters: DeadLetter[] = [];
  readonly cursors = new Map<string, StoredCursor>();
  readonly files = new Map<string, StoredFile>();
  readonly lane: Lane;
  readonly table: FileTable;
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  done: Promise<void> = Promise.resolve();
  /** What the lane ended by, when that was a bug. */
  failure: unknown;

  private readonly isOwnDir: boolean;

  private constructor(
    readonly dir: string,
    options: LaneLabOptions,
  ) {
    this.isOwnDir = options.dir === undefined;
    const { overhead = 0, maxLineBytes = 65_536, format = 'raw', send = () => 'accepted' } = options;
    const limits: Limits = {
      batchBytes: 65_536,
      batchRecords: 1000,
      recordBytes: 262_144,
      spanMs: Infinity,
      singleFile: false,
      ...options.limits,
    };
    const makeJoiner = options.joins === true ? joinerOf('auto', undefined) : undefined;
    const joining = makeJoiner && { makeJoiner, maxBytes: 65_536, hasTriggers: true };
    const note = (): void => {};
    const log = { debug: note, info: note, warn: note, error: note };
    this.table = new FileTable({
      paths: [join(dir, '*.log')],
      exclude: [],
      holdMaxBytes: undefined,
      holdMaxAgeMs: 3_600_000,
      holdGraceMs: 60_000,
      forgetAfterMs: 3_600_000,
      pin: 'off',
      pinTag: '00000000',
      volumeLimit: undefined,
      deleteShipped: 'off',
      ownFolders: [],
      ownFiles: () => Promise.resolve([]),
      fs: { ...systemFiles, ...options.ports },
      clock: systemClock,
      log,
      stored: options.stored ?? [],
      store: {
        putFiles: (files) => {
          for (const file of files) this.files.set(file.fileId, file);
          return Promise.resolve();
        },
        forget: note,
      },
    });
    const memory = new LaneMemory({
      item: { parts: ['id', { literal: ` ${'.'.repeat(overhead)}` }, 'line'], weight: 'encoded' },
      document: new DocumentWriter({}),
      names: lineNames,
      limits,
      maxLineBytes,
      slotBytes: 524_288,
      inFlight: options.inFlight ?? 1,
    });
    this.lane = new Lane({
      name: 'lab',
      type: 'lab',
      limits,
      memory,
      makeParser: (remembered) => createParser(format, { timezone: 'UTC', remembered, maxGroupBytes: 65_536, joining }),
      batchMaxBytes: limits.batchBytes,
      batchMaxWaitMs: options.batchMaxWaitMs ?? 20,
      maxLineBytes,
      partialLineTimeoutMs: options.partialLineTimeoutMs ?? 30_000,
      groupTimeoutMs: options.groupTimeoutMs ?? 3000,
      cursors: options.cursors ?? new Map(),
      putCursor: (fileId, cursor) => void this.cursors.set(fileId, cursor),
      learned: (file) => this.table.touch(file),
      pipeline: options.pipeline,
      catchUp: options.catchUp,
      looks: options.looks ?? this.table,
      clock: options.clock ?? systemClock,
      log,
      delivery: (lane) =>
        new Delivery<LaneBatch>({
          name: 'lab',
          destination: {
            ordered: true,
            concurrency: 1,
            limits,
            send: async (items) => {
              const records = Array.from({ length: items.count }, (_, i): Sent => {
                const item = items.body.toString('utf8', items.itemStart(i), items.itemEnd(i));
                const id = item.slice(0, item.indexOf(' '));
                const path = this.files.get(id.slice(0, id.indexOf('-')))?.path ?? '';
                return { id, path, text: String(JSON.parse(item.slice(id.length + 1 + overhead))) };
              });
              const outcomes = await send(records, items.body.length);
              if (outcomes === 'accepted') this.sent.push(...records);
              return outcomes;
            },
            check: () => Promise.resolve(),
          },
          deadLetters: {
            append: (letters) => {
              this.letters.push(...letters);
              return Promise.resolve(letters.length);
            },
          },
          fallback: memory.fallback,
          clock: systemClock,
          random: Math.random,
          log,
          onSettled: (batch) => lane.settled(batch),
          onAbandoned: () => lane.abandoned(),
          onBatchLimit: (bytes) => lane.lowerBatchBytes(bytes),
          onClosed: note,
        }),
    });
    this.table.addReader(this.lane);
  }

  static async open(options: LaneLabOptions = {}): Promise<LaneLab> {
    const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'pannier-lane-')));
    await mkdir(dir, { recursive: true });
    return new LaneLab(dir, options);
  }

  at(name: string): string {
    return join(this.dir, name);
  }

  /** Texts sent of one file, in order. */
  texts(name: string): string[] {
    return this.sent.filter(({ path }) => path === this.at(name)).map(({ text }) => text);
  }

  async start(): Promise<void> {
    await this.table.start();
    this.run();
    await this.table.watching();
  }

  run(): void {
    this.done = this.lane.run(this.stop.signal, this.abandon.signal).catch((error: unknown) => {
      this.failure = error ?? new Error('nothing');
    });
  }

  async arrives(what: string, fact: () => boolean, deadlineMs = 10_000): Promise<void> {
    await until(fact, { what, deadlineMs, instead: () => `${this.sent.length} records sent; ${String(this.failure)}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    this.abandon.abort();
    await this.done;
    await this.table[Symbol.asyncDispose]();
    if (this.isOwnDir) await rm(this.dir, { recursive: true, force: true });
  }
}
