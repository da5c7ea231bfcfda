import { setImmediate } from 'node:timers/promises';
import { configuredFormat } from './configured-format.js';
import type { PlainContent } from './files/content.js';
import { systemFiles } from './files/file-system.js';
import { openChecked } from './files/open-checked.js';
import { SourceFile } from './files/source-file.js';
import { joiningOf } from './joining.js';
import { DocumentWriter } from './kernel/document.js';
import { Slot } from './kernel/slot.js';
import { Filler, type Offer } from './lane/filler.js';
import { LaneBatch } from './lane/lane-batch.js';
import { ReadArea } from './lane/read-area.js';
import { Tailer } from './lane/tailer.js';
import { parsersOf } from './parsers-of.js';
import { systemClock as clock } from './types/clock.js';
import type { Limits } from './types/batch.js';
import type { Configuration } from './types/configuration.js';
import { slotSize, turnBytes } from './types/lane-size.js';
import { newRecord, type LogRecord } from './types/record.js';
import type { Found, Position } from './types/positions.js';

/**
 * Finds times in files, by reading them from their beginning with the lanes' own code. Lines without a time of their own count for nothing, but a file
 * in which no line has one goes by its last change: as a whole or not at all. So does a packed file, and one that was last changed before
 * the time is not read.
 */
export class TimeFinder {
  private constructor(
    private readonly configuration: Configuration,
    private readonly makeParser: ReturnType<typeof parsersOf>,
    private readonly area: ReadArea,
    private readonly batch: LaneBatch,
  ) {}

  static async open(configuration: Configuration): Promise<TimeFinder> {
    const { maxLineBytes } = configuration;
    const bytes = slotSize(0, 2 * maxLineBytes, maxLineBytes);
    const own = await configuredFormat(configuration.format);
    return new TimeFinder(
      configuration,
      parsersOf(configuration, bytes, await joiningOf(configuration), own),
      new ReadArea(turnBytes, maxLineBytes),
      // Nothing comes into it: records are only looked at.
      new LaneBatch(new Slot({ bytes: 1, records: 1, document: new DocumentWriter({}) }), 1),
    );
  }

  /** Looks at the file's first `upTo` bytes, a turn at a time, so that a lane beside it goes on. `stop`: nobody waits for it any more. Never rejects. */
  async find(position: Position, upTo: number, wantedMs: number, stop?: AbortSignal): Promise<Found> {
    if (position.mtimeMs > 0 && position.mtimeMs < wantedMs) return { offset: undefined };
    if (position.packed) return { offset: 0 };
    try {
      const opened = await openChecked(systemFiles, position.currentPath, ['/']);
      if (opened === undefined) return { problem: 'it is not at its path any more' };
      try {
        const { device, inode } = opened.stat;
        if (device !== position.device || inode !== position.inode)
          return { problem: 'another file is at its path by now' };
        return await this.search(opened.content, position, upTo, wantedMs, stop);
      } finally {
        opened.content.close();
      }
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }

  private async search(
    content: PlainContent,
    position: Position,
    upTo: number,
    wantedMs: number,
    stop?: AbortSignal,
  ): Promise<Found> {
    const file = fileOf(content, position, upTo);
    const filler = new TimeFiller(wantedMs, upTo);
    const tailer = new Tailer(file, undefined, {
      maxLineBytes: this.configuration.maxLineBytes,
      turnBytes,
      longTurns: false,
      makeParser: this.makeParser,
      now: () => clock.now(),
      learned: () => {},
      moved: () => {},
      leftOut: () => {},
      bytePath: undefined,
    });
    const record = newRecord();
    while (tailer.unread > 0 && filler.found === undefined) {
      const turn = await tailer.turn(this.area, this.batch, filler, record, Infinity);
      this.batch.clear();
      if (turn === 'unreadable') return { problem: file.problem === '' ? 'it was changed just now' : file.problem };
      if (turn === 'end') break;
      if (stop?.aborted === true) return { problem: 'nobody waits for it any more' };
      await setImmediate();
    }
    if (filler.found !== undefined) return { offset: filler.found };
    return { offset: filler.hasTimes ? undefined : 0 };
  }
}

/** Looks at times and keeps nothing. */
class TimeFiller extends Filler {
  found: number | undefined;
  hasTimes = false;

  constructor(
    private readonly wantedMs: number,
    private readonly upTo: number,
  ) {
    const none: Limits = { batchBytes: 1, batchRecords: 1, recordBytes: 1, spanMs: Infinity, singleFile: false };
    super(
      () => {},
      none,
      () => 1,
      () => Infinity,
    );
  }

  override get largestWeight(): number {
    return Infinity;
  }

  override offer(_batch: LaneBatch, tailer: Tailer, record: LogRecord): Offer {
    // Of a record without a time the tailer has made the last one before it; that one was looked at itself.
    if (Number.isNaN(tailer.lastTimeMs)) return 'left-out';
    this.hasTimes = true;
    if (record.start < this.upTo && record.timeMs >= this.wantedMs) this.found ??= record.start;
    return 'left-out';
  }
}

function fileOf(content: PlainContent, position: Position, upTo: number): SourceFile {
  const { device, inode, mtimeMs } = position;
  const stat = { device, inode, birthNs: '', size: upTo, mtimeMs, kind: 'file' as const };
  const file = new SourceFile(position.fileId, position.path, stat, { length: 0, hash: '' }, clock.now(), 0, {
    contentOf: () => Promise.resolve(content),
    changed: (changed) => (changed.problem = 'it was changed just now'),
    failed: (failed, error) => (failed.problem = error instanceof Error ? error.message : String(error)),
  });
  file.content = content;
  file.format = position.format;
  return file;
}
