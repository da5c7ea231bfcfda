import type { LineShape } from '../types/parser.js';
import type { Level, MappedKey } from '../types/record.js';
import { MemoryArena, piece, type Arena } from './arena.js';
import { kernelBinary } from './binary.js';
import type { AgentNames } from './document.js';
import { rootOf } from './merge.js';
import { levelOrder, type Plan } from './plan.js';

/** Names that mean something in a line. */
export interface Names {
  readonly keys: readonly MappedKey[];
  readonly levels: ReadonlyMap<string, Level>;
  /** A word that begins with one of these, of up to three bytes in lower case, may be a level: a line that begins so is not plain text. */
  readonly levelStarts: ReadonlySet<string>;
  /** What a line begins with, in ASCII, that goes on from the line before it, or is gone on with by the next one; beside white space. */
  readonly joinTriggers: readonly string[];
  /** Keys of what a line of an access log gives, in the order in which `src/kernel/assembly/access.ts` numbers them. */
  readonly accessKeys: readonly string[];
  /** Keys of what stands before a message: of the process, and of its thread. */
  readonly datedKeys: readonly string[];
  readonly agent: AgentNames;
}

/** What the kernel works on in one call; it changes what is not readonly. */
export interface Job {
  /** Where the next line begins in `source`, and how far that is filled. */
  at: number;
  readonly to: number;
  readonly source: Buffer;
  /** Offset in the file of `source[0]`. */
  readonly base: number;
  readonly shape: LineShape;
  readonly plan: Plan;
  readonly maxLineBytes: number;
  readonly slot: SlotTable;
  /** Offsets in the file of each record, by its number in the slot. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Time of the last record that had one, ms since the epoch; NaN before. */
  lastTimeMs: number;
  /** What a record without a time takes while there is none. */
  readonly fallbackTimeMs: number;
  /** What an item weighs: its bytes, or those of its line's text and so many more. */
  readonly lineWeight: number | undefined;
  readonly limits: JobLimits;
  /** Oldest and newest time in the batch, ms. */
  oldest: number;
  newest: number;
}

/** Where in a slot the next item goes. */
export interface SlotTable {
  readonly buffer: Buffer;
  readonly offsets: Uint32Array;
  readonly weights: Float64Array;
  readonly times: Float64Array;
  readonly count: number;
  readonly weightSum: number;
}

/** A batch never passes these. */
export interface JobLimits {
  readonly records: number;
  readonly weight: number;
  readonly weightSum: number;
  readonly spanMs: number;
}

/** What became of a call. */
export interface Taken {
  /** Items in the slot now. */
  count: number;
  weightSum: number;
  /** Lines with nothing in them, and how many of them have a wrapper around nothing. */
  blanks: number;
  wrappedBlanks: number;
}

interface Exports {
  jobAddress(): number;
  prepare(): void;
  addKey(at: number, length: number, meaning: number): void;
  addWord(at: number, length: number, level: number): void;
  addLevelStart(at: number, length: number): void;
  addTrigger(at: number, length: number): void;
  setPieceName(piece: number, at: number, length: number): void;
  run(): void;
  heapBase(): number;
}

/** As in `src/kernel/assembly/names.ts`. */
const means = {
  time: 1,
  level: 2,
  message: 4,
  stream: 8,
  root: 16,
  setRoot: 32,
  askAt: 64,
  askUnder: 128,
  taken: 256,
  ask: 512,
  trace: 1024,
  span: 2048,
  hasTrace: 1 << 28,
  hasSpan: 1 << 29,
} as const;
/** What the kernel does with a member that becomes something. */
const meanings: Readonly<Record<MappedKey['becomes'], number>> = {
  time: means.time,
  level: means.level,
  message: means.message,
  trace: means.trace,
  span: means.span,
  asked: means.ask,
};
const rankShift = 12;
const rootShift = 16;
/** Names in each of its tables, which have 1024 places: a fuller one is slow, a full one never ends. */
const mostNames = 768;
const mostTriggers = 128;
/** Names are compared 8 bytes at a time. */
const nameSlack = 16;
/** The member that a wrapper adds. */
const streamKey = 'stream';

const pageBytes = 65_536;
/** Room for the names, and for the literals of a plan: paths are at most 4 KiB, static members mostly less. */
const planBytes = 64 * 1024;

const wrappers = { none: 0, cri: 1, docker: 2 } as const;
const contents = { text: 0, 'guessed-text': 1, json: 2, access: 3, 'dated-text': 4 } as const;

let compiled: WebAssembly.Module | undefined;

/**
 * The byte path's machine: lines in, items out, over one memory that never grows. It takes the lines that it surely reads as the object path would, and
 * stops before any other.
 */
export class Kernel {
  /** The memory of the lane: what it reads into and what it fills must be of it. */
  readonly arena: Arena;
  /** Where plans are made. */
  readonly planArea: Buffer;
  /** Root keys of the members that a line of an access log gives, and of those that stand before a message. */
  readonly accessRoots: readonly string[];
  readonly datedRoots: readonly string[];
  readonly #exports: Exports;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #scratch: Buffer;
  readonly #names: Buffer;
  #namesEnd = 0;

  /**
   * A kernel with room for pieces of `bytes` in its arena (as `piece` counts them) and lines of at most `maxLineBytes`. Undefined where WebAssembly is refused
   * (a hardened runtime, an address space limit) or there are more names than its tables hold: then lines become objects.
   */
  static create(bytes: number, maxLineBytes: number, names: Names): Kernel | undefined {
    const { levels, levelStarts, joinTriggers } = names;
    if (Math.max(keysOf(names).length, levels.size, levelStarts.size) > mostNames) return undefined;
    if (joinTriggers.length > mostTriggers) return undefined;
    if (!('WebAssembly' in globalThis)) return undefined;
    try {
      return new Kernel(bytes, maxLineBytes, names);
    } catch (error) {
      if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) return undefined;
      // The memory is reserved, not used, yet a limit on the address space counts it.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  private constructor(bytes: number, maxLineBytes: number, names: Names) {
    compiled ??= new WebAssembly.Module(Buffer.from(kernelBinary, 'base64'));
    const scratchBytes = maxLineBytes + 256;
    const { levels, levelStarts, joinTriggers } = names;
    const texts = [...keysOf(names), ...levels.keys(), ...levelStarts, ...joinTriggers, ...piecesOf(names)];
    const nameBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + nameSlack, 0);
    const needed = pageBytes + bytes + piece(scratchBytes) + piece(planBytes) + piece(nameBytes);
    const pages = Math.ceil(needed / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(compiled, { env: { memory, abort: neverCalled } });
    this.#exports = instance.exports as Exports;
    this.#exports.prepare();
    const job = this.#exports.jobAddress();
    this.#words = new Uint32Array(memory.buffer, job, 32);
    this.#doubles = new Float64Array(memory.buffer, job + 128, 16);
    this.arena = new MemoryArena(memory.buffer, this.#exports.heapBase());
    this.#scratch = this.arena.bytes(scratchBytes);
    this.planArea = this.arena.bytes(planBytes);
    this.#names = this.arena.bytes(nameBytes);
    this.accessRoots = names.accessKeys.map(rootOf);
    this.datedRoots = names.datedKeys.map(rootOf);
    this.#learn(names);
  }

  /** Takes lines from the source into the slot's buffer and table until none is left, or the next one is not for it. */
  run(job: Job, taken: Taken): void {
    const { source, slot, plan, shape, limits } = job;
    const words = this.#words;
    const doubles = this.#doubles;
    const used = slot.offsets[slot.count]!;
    words[0] = source.byteOffset + job.at;
    words[1] = source.byteOffset + job.to;
    words[2] = slot.buffer.byteOffset + used;
    words[3] = slot.buffer.byteOffset + slot.buffer.length;
    words[4] = slot.count;
    words[5] = limits.records;
    words[6] = slot.buffer.byteOffset;
    words[7] = slot.offsets.byteOffset;
    words[8] = slot.weights.byteOffset;
    words[9] = slot.times.byteOffset;
    words[10] = job.starts.byteOffset;
    words[11] = job.ends.byteOffset;
    words[12] = job.maxLineBytes;
    words[13] = plan.opsAddress;
    words[14] = plan.opCount;
    words[15] = plan.fixedBytes;
    words[16] = wrappers[shape.wrapper];
    words[17] = contents[shape.content];
    words[18] = shape.zonelessIsUtc ? 1 : 0;
    words[19] = this.#scratch.byteOffset;
    words[20] = this.#scratch.length;
    words[21] = job.lineWeight === undefined ? 0 : 1;
    words[22] = 0;
    words[25] = shape.joins ? 1 : 0;
    doubles[0] = job.base - source.byteOffset;
    doubles[1] = job.lastTimeMs;
    doubles[2] = job.fallbackTimeMs;
    doubles[3] = slot.weightSum;
    doubles[4] = limits.weight;
    doubles[5] = limits.weightSum;
    doubles[6] = job.lineWeight ?? 0;
    doubles[7] = job.oldest;
    doubles[8] = job.newest;
    doubles[9] = limits.spanMs;
    doubles[10] = plan.fromMs;
    doubles[11] = plan.toMs;
    this.#exports.run();
    job.at = words[0] - source.byteOffset;
    taken.count = words[4];
    taken.blanks = words[22]!;
    taken.wrappedBlanks = words[24]!;
    taken.weightSum = doubles[3];
    job.lastTimeMs = doubles[1];
    job.oldest = doubles[7];
    job.newest = doubles[8];
  }

  #learn(names: Names): void {
    const { keys, levels, levelStarts, joinTriggers, agent } = names;
    const isAgents = (key: string): boolean => agent.roots.some((root) => root.key === key);
    for (const { key, becomes, rank } of keys) {
      const asks = (becomes === 'trace' || becomes === 'span') && (isAgents(becomes) || otherIds.test(key));
      this.#addKey(key, asks ? means.ask : meanings[becomes] | (rank << rankShift));
    }
    for (const [key, meaning] of idNames) this.#addKey(key, meaning);
    agent.roots.forEach(({ key, isSet, asksAt, asksUnder }, number) => {
      const flags = (isSet ? means.setRoot : 0) | (asksAt ? means.askAt : 0) | (asksUnder ? means.askUnder : 0);
      this.#addKey(key, means.root | flags | (number << rootShift));
    });
    for (const key of agent.taken) this.#addKey(key, means.taken);
    this.#addKey(streamKey, means.stream);
    for (const [word, level] of levels) {
      const at = this.#name(word);
      this.#exports.addWord(at.byteOffset, at.length, levelOrder.indexOf(level) + 1);
    }
    for (const start of levelStarts) {
      const at = this.#name(start);
      this.#exports.addLevelStart(at.byteOffset, at.length);
    }
    // Those with the same first byte have to follow each other.
    for (const trigger of [...new Set(joinTriggers)].sort()) {
      const at = this.#name(trigger);
      this.#exports.addTrigger(at.byteOffset, at.length);
    }
    for (const [piece, text] of piecesOf(names).entries()) {
      const at = this.#name(text);
      this.#exports.setPieceName(piece, at.byteOffset, at.length);
    }
  }

  #addKey(key: string, meaning: number): void {
    const at = this.#name(key);
    this.#exports.addKey(at.byteOffset, at.length, meaning);
  }

  /** A name's bytes, kept for good. */
  #name(text: string): Buffer {
    const bytes = this.#names.subarray(this.#namesEnd, this.#namesEnd + Buffer.byteLength(text));
    this.#namesEnd += bytes.length + nameSlack;
    bytes.write(text);
    return bytes;
  }
}

/** Names of ids that are written in other forms than hexadecimal digits. */
const otherIds = /^(?:dd|logging)\./;
/** Names that ids get, and names of objects that may hold them. */
const idNames: readonly (readonly [string, number])[] = [
  ['trace', means.hasTrace],
  ['trace.id', means.hasTrace],
  ['span', means.hasSpan],
  ['span.id', means.hasSpan],
];

const keysOf = ({ keys, agent }: Names): string[] => [
  ...idNames.map(([key]) => key),
  ...keys.map(({ key }) => key),
  ...agent.roots.map(({ key }) => key),
  ...agent.taken,
  streamKey,
];

/** What stands before the values of members that are pieces of a line, by their numbers. */
const piecesOf = ({ accessKeys, datedKeys }: Names): string[] =>
  [...accessKeys, ...datedKeys].map((key) => `,${JSON.stringify(key)}:`);

function neverCalled(): never {
  throw new Error('the kernel has no assertions');
}
