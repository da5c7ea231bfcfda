import type { Level } from '../types/record.js';

/** The words of each level; a number stands for pino's and bunyan's. */
const wordsOf: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trace', 'silly', '10', 'finer', 'finest', 'trc', 'trce', 'trac'],
  debug: ['debug', 'verbose', '20', 'fine', 'config', 'dbg', 'dbug', 'debu', 'vrb', ...numbered('debug', 5)],
  info: ['info', 'notice', '30', 'information', 'informational', 'inf', 'log'],
  warn: ['warn', 'warning', '40', 'wrn'],
  error: ['error', 'err', '50', 'severe', 'erro'],
  fatal: ['fatal', 'crit', 'critical', 'alert', 'emerg', 'emergency', 'panic', 'dpanic', '60', 'ftl', 'fata', 'crt'],
};

/**
 * Words and numbers for levels: the contract ("Records"), which follows the names of syslog (RFC 5424), npm and zap, and the numbers of pino and
 * bunyan; beside these the names of java.util.logging, .NET (whole, of three letters and of its console) and PostgreSQL, and those that logrus cuts.
 * The byte path has these words too.
 */
export const levels: ReadonlyMap<string, Level> = mapOf(wordsOf);

/** Words that begin too much prose, or are too rare, for the byte path: loguru, .NET's console, MySQL, Oracle, Android, Apple, logrus. */
const rareLevels: ReadonlyMap<string, Level> = mapOf({
  trace: [],
  debug: [],
  info: ['success', 'note', 'notification', 'system'],
  warn: [],
  error: ['fail', 'failure', 'eror'],
  fatal: ['fault', 'assert', 'pani', 'fatl'],
});

/** Single letters, as logcat, MongoDB and glog have them; `D1` to `D5` are MongoDB's. They count only as the value of a member. */
const letterLevels: ReadonlyMap<string, Level> = mapOf({
  trace: ['t'],
  debug: ['d', 'v', ...numbered('d', 5)],
  info: ['i'],
  warn: ['w'],
  error: ['e'],
  fatal: ['f'],
});

/** No level is longer, colours and brackets included. */
const maxLevelLength = 48;

/** The level that a logger's word or number means, in any case, with brackets and ANSI colours around it; undefined for another word. */
export function levelOf(text: string): Level | undefined {
  const known = levels.get(text);
  if (known !== undefined || text.length > maxLevelLength) return known;
  const word = bare(text).toLowerCase();
  return levels.get(word) ?? rareLevels.get(word);
}

/** The same for a member that is called a level: here a single letter counts, and slog's words with an offset. */
export function levelOfMember(text: string): Level | undefined {
  const level = levelOf(text);
  if (level !== undefined || text.length > maxLevelLength) return level;
  return text.length <= 2 ? letterLevels.get(text.toLowerCase()) : levelOfOffset(text);
}

/** What the base levels of slog stand for; it writes a level between them as the next lower one and the distance. */
const slogBases: ReadonlyMap<string, number> = new Map([
  ['debug', -4],
  ['info', 0],
  ['warn', 4],
  ['error', 8],
]);

/** slog's `ERROR+4`, `DEBUG-2`: the base level at or below it; below DEBUG is trace. Source: log/slog, Level.String. */
function levelOfOffset(text: string): Level | undefined {
  const [, word = '', offset = ''] = /^([a-z]{4,5})([+-]\d{1,4})$/i.exec(text) ?? [];
  const base = slogBases.get(word.toLowerCase());
  if (base === undefined) return undefined;
  const value = base + Number(offset);
  return value >= 8 ? 'error' : value >= 4 ? 'warn' : value >= 0 ? 'info' : value >= -4 ? 'debug' : 'trace';
}

// eslint would refuse the escape character in a literal pattern; it is meant here.
const colours = new RegExp('\u001b\\[[0-9;:]*m', 'g');

const bare = (text: string): string =>
  text
    .replace(colours, '')
    .replace(/^[\s[({<]+/, '')
    .replace(/[\s\])}>]+$/, '');

function mapOf(words: Readonly<Record<Level, readonly string[]>>): ReadonlyMap<string, Level> {
  const pairs = Object.entries(words) as [Level, readonly string[]][];
  return new Map(pairs.flatMap(([level, same]) => same.map((word) => [word, level] as const)));
}

function numbered(word: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${word}${index + 1}`);
}
