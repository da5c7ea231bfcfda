import type { LineParser, LineShape } from '../types/parser.js';
import type { LogRecord } from '../types/record.js';
import { formats, nameReader, payloadFormats } from './all.js';
import { Guess } from './auto.js';
import type { Format, FormatContext, Reading } from './format.js';
import { PartGroups } from './part-groups.js';
import { readRaw } from './raw.js';
import { utc, zoneOf } from './zone.js';

/** What PANNIER_FORMAT may be. */
export const formatNames: readonly string[] = ['auto', 'raw', ...formats.map(({ name }) => name)];

export interface ParserOptions {
  /** The format that `format` describes where that is none of the list: a pattern of one's own. */
  readonly own?: Format | undefined;
  /** IANA name, for times without a zone. */
  readonly timezone: string;
  /** What the file's parser reported as `format` when the agent ran before, '' when never. */
  readonly remembered: string;
  /** A group of parts that reaches this many bytes of payload is closed as it is. */
  readonly maxGroupBytes: number;
}

/**
 * The parser of one file for one lane. `format` is one of `formatNames`, or `options.own` is given.
 * @throws RangeError for any other format: the configuration has checked it before
 */
export function createParser(format: string, options: ParserOptions): LineParser {
  if (format === 'auto') return new AutoParser(options);
  if (format === 'raw') return rawParser;
  const demanded = options.own ?? formats.find(({ name }) => name === format);
  if (demanded === undefined) throw new RangeError(`unknown format ${format}`);
  return new DemandedParser(demanded, options);
}

/** Has no state, so one serves all files. */
const rawParser: LineParser = {
  format: 'raw',
  openStart: Infinity,
  usual: { wrapper: 'none', content: 'text', zonelessIsUtc: false, joins: false },
  readUsual: () => {},
  parse: readRaw,
  flush: () => false,
  reset: () => {},
};

/** What all parsers but raw share: a zone, and the groups of the wrappers, whose payloads are guessed. */
class GroupingParser {
  protected readonly context: FormatContext;
  readonly #payload = new Guess(payloadFormats, '');

  constructor({ timezone, maxGroupBytes, remembered }: ParserOptions) {
    const readPayload = (record: LogRecord): void => void this.#payload.read(record, this.context);
    const header = { text: headerOf(remembered) };
    this.context = { zone: zoneOf(timezone), groups: new PartGroups(maxGroupBytes, readPayload), header };
  }

  /** The format `name` as it is remembered. */
  protected named(name: string): string {
    const { text } = this.context.header;
    return text === '' ? name : `${name} ${text}`;
  }

  get openStart(): number {
    return this.context.groups.openStart;
  }

  readUsual({ wrapper }: LineShape, hasRecords: boolean): void {
    if (wrapper !== 'none' && hasRecords) this.#payload.hit();
  }

  /** The shape of lines of the format `name`; undefined when none describes them. */
  protected shapeOf(name: string | undefined): LineShape | undefined {
    const zonelessIsUtc = this.context.zone === utc;
    const joins = false;
    const wrapper = name === 'cri' || name === 'docker' ? name : 'none';
    const content = contents.get((wrapper === 'none' ? name : this.#payload.decided) ?? '');
    return content && { wrapper, content, zonelessIsUtc, joins };
  }

  flush(record: LogRecord): boolean {
    return this.context.groups.flush(record);
  }

  reset(): void {
    this.context.groups.reset();
  }
}

class AutoParser extends GroupingParser implements LineParser {
  readonly #guess: Guess;

  constructor(options: ParserOptions) {
    super(options);
    this.#guess = new Guess(formats, nameOf(options.remembered).replace(/^auto:/, ''));
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

  parse(record: LogRecord): Reading {
    return this.#guess.read(record, this.context);
  }
}

/** A line that is not of the format is text, and says why: unless it is a part of a split line, which can't be. */
class DemandedParser extends GroupingParser implements LineParser {
  readonly #format: Format;

  constructor(format: Format, options: ParserOptions) {
    super(options);
    this.#format = format;
  }

  get format(): string {
    return this.named(this.#format.name);
  }

  get usual(): LineShape | undefined {
    return this.shapeOf(this.#format.name);
  }

  parse(record: LogRecord): Reading {
    const reading = this.#format.read(record, 'demanded', this.context);
    if (reading !== undefined) {
      nameReader(record, this.#format);
      return reading;
    }
    readRaw(record);
    if (record.part === undefined) record.errorMessage = this.#format.refusal(record);
    return 'record';
  }
}

/** What the byte path calls lines of a format. */
const contents: ReadonlyMap<string, LineShape['content']> = new Map([
  ['json', 'json'],
  ['raw', 'guessed-text'],
  ['access', 'access'],
]);

/** What is before the first blank of what was remembered, and what is behind it. */
const nameOf = (remembered: string): string => remembered.split(' ', 1)[0]!;
const headerOf = (remembered: string): string => remembered.slice(nameOf(remembered).length + 1);
