import type { Joiner } from '../types/joiner.js';
import type { LinearRegex } from '../types/linear-regex.js';
import { cpp } from './languages/cpp.js';
import { dart } from './languages/dart.js';
import { dotnet } from './languages/dotnet.js';
import { go } from './languages/go.js';
import { java } from './languages/java.js';
import { node } from './languages/node.js';
import { php } from './languages/php.js';
import { python } from './languages/python.js';
import { ruby } from './languages/ruby.js';
import { rust } from './languages/rust.js';
import type { Rule } from './rule.js';
import { RuleTable } from './rule-table.js';
import { StartJoiner } from './start-joiner.js';
import { TraceJoiner } from './trace-joiner.js';

/** Rules by what PANNIER_MULTILINE calls them. `auto` takes them all, in this order. */
const languages: Readonly<Record<string, Rule>> = { java, python, go, node, dotnet, ruby, php, rust, dart, cpp };

/**
 * Beginnings (ASCII) of the lines that may belong to a group of lines although they are not indented. A line of text that begins with none of them
 * and not with white space, between two such lines, is a record by itself, whatever PANNIER_MULTILINE is apart from `start:…`.
 */
export const joinTriggers: readonly string[] = [
  ...new Set(Object.values(languages).flatMap(({ triggers, followers = [] }) => [...triggers, ...followers])),
];

const allRules = new RuleTable(Object.values(languages));

/**
 * What makes the joiners of one lane: each stream of lines has one of its own. `mode` is the value of PANNIER_MULTILINE; `start` its pattern, where it has one.
 * Undefined: lines are not joined.
 */
export function joinerOf(mode: string, start: LinearRegex | undefined): (() => Joiner) | undefined {
  if (mode === 'off') return undefined;
  if (start !== undefined) return () => new StartJoiner(start);
  const rule = languages[mode];
  const table = rule === undefined ? allRules : new RuleTable([rule]);
  return () => new TraceJoiner(table, { onlyIndented: mode === 'indent' });
}
