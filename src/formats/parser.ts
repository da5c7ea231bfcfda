import type { Joiner } from '../types/joiner.js';
import type { LineParser, LineShape } from '../types/parser.js';
import type { LogRecord } from '../types/record.js';
import { formats, payloadFormats } from './all.js';
import { Guess } from './auto.js';
import type { Format, FormatContext, Reading } from './format.js';
import { LineGroups } from './groups/line-groups.js';
import { DemandedReader, rawReader, type LineReader } from './groups/line-reader.js';
import { PartGroups, type TakeLine } from './groups/part-groups.js';
import { readRaw } from './raw.js';
import { utc, zoneOf } from './times/zone.js';

/** What PANNIER_FORMAT may be. */
export const formatNames: readonly string[] = ['auto', 'raw', ...formats.map(({ name }) => name)];

export interface ParserOptions {
  /** IANA name, for times without a zone. */
  readonly timezone: string;
  /** What the file's parser reported as `format` when the agent ran before, '' when never. */
  readonly remembered: string;
  /** A group of parts that reaches this many bytes of payload is closed as it is. */
  readonly maxGroupBytes: number;
  /** The format that `format` describes where that is none of the list: a pattern of one's own. */
  readonly own?: Format | undefined;
  /** Lines that belong together are joined, each stream's by a joiner of its own. */
  readonly joining?: JoiningOptions | undefined;
}

export interface JoiningOptions {
  readonly makeJoiner: () => Joiner;
  /** No group of lines gets longer, in bytes of its text. */
  readonly maxBytes: number;
  /** A line of text that begins with no trigger of `src/lines` and not with white space, between two such lines, is a record by itself. */
  readonly hasTriggers: boolean;
}

/**
 * The parser of one file for one lane. `format` is one of `formatNames`, or `options.own` is given.
 * @throws RangeError for any other format: the configuration has checked it before
 */
export function createParser(format: string, options: ParserOptions): LineParser {
  if (format === 'auto') return new AutoParser(options);
  if (format === 'raw') return options.joining === undefined ? rawParser : new RawParser(options);
  const demanded = options.own ?? formats.find(({ name }) => name === format);
  if (demanded === undefined) throw new RangeError(`unknown format ${format}`);
  return new DemandedParser(demanded, options);
}

/** Has no state, so one serves all files. */
const rawParser: LineParser = {
  format: 'raw',
  openStart: Infinity,
  openEnd: -1,
  joins: false,
  usual: { wrapper: 'none', content: 'text', zonelessIsUtc: false, joins: false },
  readUsual: () => {},
  parse: readRaw,
  flush: () => false,
  takeBlanks: () => 0,
  reset: () => {},
};

/** What the parsers share: a zone, the groups of the wrappers, whose payloads are guessed, and the groups of lines. */
class GroupingParser {
  readonly joins: boolean;
  protected readonly context: FormatContext;
  protected readonly lines: LineGroups | undefined;
  readonly #payload = new Guess(payloadFormats, '');
  readonly #hasTriggers: boolean;

  constructor(
    { timezone, maxGroupBytes, remembered, joining }: ParserOptions,
    private readonly reader: LineReader,
  ) {
    const readPayload = (record: LogRecord): void => void this.#payload.readAlone(record, this.context);
    const takeLine: TakeLine = (record, lineStart, wrapping) =>
      this.lines!.take(record, lineStart, wrapping.stream, wrapping, this.#payload);
    const groups = new PartGroups(maxGroupBytes, readPayload, joining && takeLine);
    this.context = { zone: zoneOf(timezone), groups, header: { text: headerOf(remembered) } };
    this.joins = joining !== undefined;
    this.#hasTriggers = joining?.hasTriggers ?? true;
    this.lines = joining && new LineGroups({ ...joining, context: this.context });
  }

  /** The format `name` as it is remembered. */
  protected named(name: string): string {
    const { text } = this.context.header;
    return text === '' ? name : `${name} ${text}`;
  }

  get openStart(): number {
    return Math.min(this.context.groups.openStart, this.lines?.oldest.start ?? Infinity);
  }

  get openEnd(): number {
    const { groups } = this.context;
    const lines = this.lines?.oldest;
    return lines === undefined || groups.openStart < lines.start ? groups.openEnd : lines.end;
  }

  readUsual({ wrapper }: LineShape, hasRecords: boolean): void {
    if (wrapper !== 'none' && hasRecords) this.#payload.hit();
  }

  /** The shape of lines of the format `name`; undefined when none describes them. */
  protected shapeOf(name: string | undefined): LineShape | undefined {
    if (!this.#hasTriggers) return undefined;
    const zonelessIsUtc = this.context.zone === utc;
    const { joins } = this;
    const wrapper = name === 'cri' || name === 'docker' ? name : 'none';
    const content = contents.get((wrapper === 'none' ? name : this.#payload.decided) ?? '');
    // A header line of the file may make them lines of something else.
    if (this.context.header.text !== '' && (content === 'access' || content === 'dated-text')) return undefined;
    return content && { wrapper, content, zonelessIsUtc, joins };
  }

  parse(record: LogRecord): Reading {
    const { lines } = this;
    if (lines === undefined) return this.parseAlone(record);
    return lines.resume(record) ?? lines.take(record, record.start, 'bare', undefined, this.reader);
  }

  /** Lines are not joined. */
  protected parseAlone(record: LogRecord): Reading {
    return this.reader.read(record, this.context);
  }

  flush(record: LogRecord, upTo: number): boolean {
    const { groups } = this.context;
    const { lines } = this;
    if (lines === undefined || groups.openStart < lines.oldest.start) return groups.flush(record, upTo);
    return lines.flush(record, upTo);
  }

  takeBlanks(): number {
    return this.lines?.takeBlanks() ?? 0;
  }

  reset(): void {
    this.context.groups.reset();
    this.lines?.reset();
  }
}

class AutoParser extends GroupingParser implements LineParser {
  readonly #guess: Guess;

  constructor(options: ParserOptions) {
    const guess = new Guess(formats, nameOf(options.remembered).replace(/^auto:/, ''));
    super(options, guess);
    this.#guess = guess;
  }

  get format(): string {
    return this.named(this.#guess.known === '' ? 'auto' : `auto:${this.#guess.known}`);
  }

  get usual(): LineShape | undefined {
    return this.shapeOf(this.#guess.decided);
  }

  override readUsual(shape: LineShape, hasRecords: boolean): void {
    super.readUsual(shape, hasRecords);
    this.#guess.hit();
  }

  protected override parseAlone(record: LogRecord): Reading {
    return this.#guess.readAlone(record, this.context);
  }
}

/** A line that is not of the format is text, and says why. */
class DemandedParser extends GroupingParser implements LineParser {
  readonly #name: string;

  constructor(format: Format, options: ParserOptions) {
    super(options, new DemandedReader(format));
    this.#name = format.name;
  }

  get format(): string {
    return this.named(this.#name);
  }

  get usual(): LineShape | undefined {
    return this.shapeOf(this.#name);
  }
}

/** Lines are text, and those that belong together are joined. */
class RawParser extends GroupingParser implements LineParser {
  readonly format = 'raw';

  constructor(options: ParserOptions) {
    super(options, rawReader);
  }

  get usual(): LineShape | undefined {
    const shape = this.shapeOf('raw');
    return shape && { ...shape, content: 'text' };
  }
}

/** What the byte path calls lines of a format. */
const contents: ReadonlyMap<string, LineShape['content']> = new Map([
  ['json', 'json'],
  ['raw', 'guessed-text'],
  ['access', 'access'],
  ['text', 'dated-text'],
]);

/** What is before the first blank of what was remembered, and what is behind it. */
const nameOf = (remembered: string): string => remembered.split(' ', 1)[0]!;
const headerOf = (remembered: string): string => remembered.slice(nameOf(remembered).length + 1);
