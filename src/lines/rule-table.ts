import type { LineHead } from './line-head.js';
import type { Rule } from './rule.js';

interface Entry {
  readonly prefix: string;
  readonly rule: Rule;
}

/** Rules by the first byte of what makes them look at a line, so that most lines cost one look into a table. */
export class RuleTable {
  private readonly marked = new Uint8Array(256);
  private readonly triggers: readonly Entry[];
  private readonly followers: readonly Entry[];

  constructor(readonly rules: readonly Rule[]) {
    const entries = (prefixes: readonly string[], rule: Rule): Entry[] => prefixes.map((prefix) => ({ prefix, rule }));
    this.triggers = rules.flatMap((rule) => entries(rule.triggers, rule));
    this.followers = rules.flatMap((rule) => entries(rule.followers ?? [], rule));
    for (const { prefix } of [...this.triggers, ...this.followers]) this.marked[prefix.charCodeAt(0)] = 1;
  }

  /** False: no rule has anything to do with a line whose first byte this is. */
  mayKnow(first: number): boolean {
    return this.marked[first] === 1;
  }

  /** The rule by which the line begins a group, by its trigger or, indented, by what follows. */
  beginner(line: LineHead): Rule | undefined {
    if (line.indent > 0) return this.rules.find((rule) => rule.begins(line) > 0);
    return this.triggers.find(({ prefix, rule }) => line.starts(prefix) && rule.begins(line) > 0)?.rule;
  }

  /** The rule by which the line belongs to whatever is before it. */
  follower(line: LineHead): Rule | undefined {
    return this.followers.find(({ prefix, rule }) => line.starts(prefix) && rule.goesOn(1, line, 0) > 0)?.rule;
  }
}
