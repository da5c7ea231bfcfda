import type { LineParser, LineShape } from '../../types/parser.js';
import type { LogRecord } from '../../types/record.js';

/** What is known of how the record that came last was parsed. */
export interface Parse {
  /** Milliseconds since the record before. */
  ms: number;
  /** The time stood in the line. */
  hasTime: boolean;
  /** What the file was known as before, and is with it. */
  known: string;
  fileFormat: string;
}

/** A parser that is looked at: how long it takes, and what it found. It has no shape, so each line comes to it. */
export class TimedParser implements LineParser {
  readonly usual: LineShape | undefined = undefined;
  readonly parsed: Parse = { ms: 0, hasTime: false, known: '', fileFormat: '' };

  constructor(private readonly parser: LineParser) {}

  get format(): string {
    return this.parser.format;
  }

  get openStart(): number {
    return this.parser.openStart;
  }

  get openEnd(): number {
    return this.parser.openEnd;
  }

  get joins(): boolean {
    return this.parser.joins;
  }

  readUsual(): void {}

  parse(record: LogRecord): ReturnType<LineParser['parse']> {
    const { parsed } = this;
    parsed.known = this.parser.format;
    const begun = performance.now();
    const answer = this.parser.parse(record);
    parsed.ms += performance.now() - begun;
    parsed.hasTime = !Number.isNaN(record.timeMs);
    parsed.fileFormat = this.parser.format;
    return answer;
  }

  flush(record: LogRecord, upTo: number): boolean {
    const { parsed } = this;
    parsed.known = this.parser.format;
    const begun = performance.now();
    const found = this.parser.flush(record, upTo);
    parsed.ms += performance.now() - begun;
    parsed.hasTime = !Number.isNaN(record.timeMs);
    parsed.fileFormat = this.parser.format;
    return found;
  }

  takeBlanks(): number {
    return this.parser.takeBlanks();
  }

  reset(): void {
    this.parser.reset();
  }
}
