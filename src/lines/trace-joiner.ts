import type { Joiner, Verdict } from '../types/joiner.js';
import { JsonLines } from './json-lines.js';
import { LineHead } from './line-head.js';
import { asking, waiting, type Rule } from './rule.js';
import type { RuleTable } from './rule-table.js';

export interface TraceOptions {
  /** Lines that are not indented go on only by a rule: no closing brackets, no lines behind dated ones, no JSON. */
  readonly onlyIndented: boolean;
}

/**
 * Joins stack traces by the rules of their languages, indented lines, and JSON that is printed over several lines. Of a line that no rule can know and that is
 * not indented it looks at one byte.
 */
export class TraceJoiner implements Joiner {
  readonly undatedContinue: boolean;
  private readonly line = new LineHead();
  private readonly json = new JsonLines();
  private rule: Rule | undefined;
  private state = 0;
  /** The group's last line was indented. */
  private indented = false;
  private nextRule: Rule | undefined;
  private nextState = 0;
  private nextIndented = false;
  private nextIsJson = false;

  constructor(
    private readonly table: RuleTable,
    private readonly options: TraceOptions,
  ) {
    this.undatedContinue = !options.onlyIndented;
  }

  begin(text: Buffer, from: number, to: number): void {
    const first = text[from]!;
    const isIndented = isBlank(first);
    this.rule = undefined;
    this.state = 0;
    this.indented = isIndented;
    if (this.options.onlyIndented) return;
    if (this.json.begin(text, from, to)) return;
    if (!isIndented && !this.table.mayKnow(first)) return;
    this.line.fill(text, from, to);
    this.rule = this.table.beginner(this.line);
    this.state = this.rule?.begins(this.line) ?? 0;
  }

  judge(text: Buffer, from: number, to: number, blanks: number): Verdict {
    const first = text[from]!;
    const isIndented = isBlank(first);
    this.nextIndented = isIndented;
    this.nextIsJson = false;
    this.nextRule = undefined;
    if (this.options.onlyIndented) return isIndented ? 'asks' : 'begins';
    if (this.json.depth > 0 && (isIndented || this.indented) && this.json.judge(text, from, to)) {
      this.nextIsJson = true;
      return this.json.closes ? 'ends' : 'continues';
    }
    const closes = this.indented && blanks === 0 && isCloser(text, from, to);
    if (this.rule === undefined && !isIndented && !closes && !this.table.mayKnow(first)) return 'begins';
    this.line.fill(text, from, to);
    return this.judgeHead(blanks, closes);
  }

  accept(): void {
    this.rule = this.nextRule;
    this.state = this.nextState;
    this.indented = this.nextIndented;
    if (this.nextIsJson) this.json.accept();
    else this.json.depth = 0;
  }

  private judgeHead(blanks: number, closes: boolean): Verdict {
    const { line, rule, table } = this;
    const state = rule === undefined ? 0 : rule.goesOn(this.state, line, blanks);
    if (rule !== undefined && state !== 0) {
      this.nextRule = rule;
      this.nextState = state > 0 ? state : this.state;
      if (state > 0) return 'continues';
      if (state === asking) return 'asks';
    }
    const follower = table.follower(line);
    if (follower !== undefined) {
      this.nextRule = follower;
      this.nextState = follower.goesOn(1, line, 0);
      return 'continues';
    }
    if (closes) {
      this.nextRule = rule;
      this.nextState = this.state;
      return 'asks';
    }
    this.enter(table.beginner(line));
    if (line.indent === 0 && this.nextRule?.stands?.(line) === true) return 'stands';
    if (state === waiting && line.indent === 0) return 'waits';
    if (line.indent > 0 && this.nextRule?.heads?.(line) !== true) return 'asks';
    return this.nextRule === undefined ? 'begins' : 'attaches';
  }

  private enter(rule: Rule | undefined): void {
    this.nextRule = rule;
    this.nextState = rule?.begins(this.line) ?? 0;
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** `}`, `]`, `)`, with at most two marks behind: the end of what an indented line is within. */
function isCloser(text: Buffer, from: number, to: number): boolean {
  const first = text[from];
  if (first !== 0x7d && first !== 0x5d && first !== 0x29) return false;
  for (let at = from + 1; at < to; at++) {
    const byte = text[at]!;
    if (at > from + 2 || (byte !== 0x2c && byte !== 0x3b && byte !== 0x29 && byte !== 0x5d && byte !== 0x7d))
      return false;
  }
  return true;
}
