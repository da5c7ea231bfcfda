import { fingerprintBytes, noAnchor } from '../files/identity.js';
import type { SourceFile } from '../files/source-file.js';
import type { CatchUpMode } from '../types/configuration.js';
import type { Log } from '../types/log.js';
import type { LineParser } from '../types/parser.js';
import type { LogRecord } from '../types/record.js';
import { emptyLedger } from '../types/stored.js';
import { encodingNamed } from '../lines/encoding.js';
import { findLanding } from './landing.js';
import { ReadArea } from './read-area.js';
import type { Tailer } from './tailer.js';

export interface CatchUpOptions {
  readonly mode: CatchUpMode;
  /** Of the output. */
  readonly name: string;
  readonly makeParser: (remembered: string) => LineParser;
  readonly maxLineBytes: number;
  /** Largest batch now, bytes. */
  readonly batchBytes: () => number;
  /** From now on this one is the file's tailer. */
  readonly jumped: (ahead: Tailer) => void;
  readonly log: Log;
}

/** With more batches than these unread a file is behind: what is less is sent before a person has looked. The jump leaves the last one. */
const batchesBehind = 4;
/** Of so many turns one goes to whom it was given least lately, so that nobody waits for ever. */
const turnsToShare = 4;

/**
 * Which file of a round is next, and when a lane jumps ahead in one.
 *
 *     oldest-first    files take turns; each is read from its cursor on, in order
 *     newest-first    the file that grew last is next; one that is far behind is read on near its end, and the gap below follows with what is left of
 *                     the rounds. A file has one gap at most: another jump waits until this one's is closed.
 */
export class CatchUp {
  /** Ends of files near which no place to come down was found: to be looked at again when as much as a batch is behind them. */
  private readonly tried = new WeakMap<Tailer, number>();
  private pinned: Tailer | undefined;
  private turns = 0;

  constructor(private readonly options: CatchUpOptions) {}

  get newestFirst(): boolean {
    return this.options.mode === 'newest-first';
  }

  /** Who has the next turn in a round that is in turn order; undefined: the round is over. */
  next(round: ReadonlySet<Tailer>): Tailer | undefined {
    const first = round.values().next().value;
    const { pinned } = this;
    this.pinned = undefined;
    if (first === undefined || !this.newestFirst) return first;
    if (pinned !== undefined && round.has(pinned)) return pinned;
    this.turns += 1;
    if (this.turns % turnsToShare === 0) return first;
    let newest = first;
    let newestAt = -Infinity;
    for (const tailer of round) {
      const at = tailer.isGap ? -Infinity : grownAt(tailer.file);
      if (at <= newestAt) continue;
      newest = tailer;
      newestAt = at;
    }
    return newest;
  }

  /** This one is to be next, whoever is newer. */
  pin(tailer: Tailer): void {
    this.pinned = tailer;
  }

  /** The tailer that goes on near the file's end, with `tailer` for its gap; undefined: it is not far behind, or there is no place to come down. */
  async jump(tailer: Tailer, area: ReadArea, record: LogRecord): Promise<Tailer | undefined> {
    if (!this.isFarBehind(tailer)) return undefined;
    const { file } = tailer;
    const { makeParser, maxLineBytes, batchBytes, name, jumped, log } = this.options;
    const { size } = file;
    this.tried.set(tailer, size);
    // UTF-16 comes in twos.
    const from = size - batchBytes() - ((size - batchBytes()) % 2);
    const count = await file.read(area.bytes, ReadArea.start, Math.min(area.capacity, size - from), {
      offset: from,
      hash: '',
      length: 0,
    });
    // It may have been given up meanwhile, or hold another content: its beginning, read after the window, tells.
    const first = Buffer.allocUnsafe(fingerprintBytes);
    const isSame = count !== undefined && (await file.read(first, 0, first.length, noAnchor)) !== undefined;
    if (!isSame || !tailer.ready) return undefined;
    const encoding = encodingNamed(file.encoding);
    const window = { bytes: area.bytes, from, to: from + count, file, encoding, maxLineBytes };
    const landing = findLanding(window, makeParser(file.format), record);
    if (landing === undefined) return undefined;
    const { offset, hash, length } = landing.at;
    log.info(
      { output: name, path: file.path, from: offset, bytes: offset - tailer.readOffset },
      'far behind in this file: its newest lines go first, the bytes before them follow',
    );
    const place = { offset, anchor: hash, anchorLength: length, lineStart: -1, part: 0, ledger: emptyLedger() };
    const ahead = tailer.jump({ start: offset, ...place });
    ahead.lastTimeMs = landing.lastTimeMs;
    jumped(ahead);
    return ahead;
  }

  /** What the file begins with says how it is read, so something of it was read before. A packed one does not grow. */
  private isFarBehind(tailer: Tailer): boolean {
    const { file, gap, isGap, unread, readOffset } = tailer;
    if (!this.newestFirst || gap !== undefined || isGap || file.packed || !tailer.ready) return false;
    if (readOffset === 0 || file.format === '' || file.encoding === '') return false;
    const batch = this.options.batchBytes();
    const tried = this.tried.get(tailer);
    return unread > batchesBehind * batch && (tried === undefined || file.size >= tried + batch);
  }
}

/** When its last byte came, monotonic ms: for what was there at the start by the file's own time, as all were met at once. */
const grownAt = (file: SourceFile): number => file.seenAt(file.size - 1) ?? file.grownAt;
