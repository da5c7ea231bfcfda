import type { LogRecord } from '../types/record.js';
import type { Format } from './format.js';
import { contentStart } from './line-bytes.js';
import { readPairs, type Pair } from './members/logfmt-pairs.js';
import { mapMembers, type Parsed } from './members/mapping.js';
import { membersOf } from './members/value-text.js';

/**
 * Pairs of key and value (Go's kit and logrus, Heroku, Grafana). Demanded, one pair is enough. Guessed, the line must consist of pairs, at least
 * two, and in a file that is not known for it two of time, level and message must be among them, or many pairs and a time or level: prose with an `=` in
 * it stays text.
 */
export const logfmt: Format = {
  name: 'logfmt',
  continues: false,
  read(record, evidence, { zone }) {
    // A part may end within a value, and nothing shows it.
    if (record.part !== undefined) return undefined;
    if (evidence !== 'demanded' && !startsWithKey(record)) return undefined;
    const pairs = readPairs(record.text.toString('utf8', record.from, record.to));
    if (pairs === undefined || !isConvincing(pairs, evidence === 'demanded')) return undefined;
    const parsed = mapMembers(membersOf(pairs.map(({ key, value }) => [key, value])), zone);
    if (evidence === 'none' && !isProven(parsed, pairs.length)) return undefined;
    Object.assign(record, parsed);
    return 'record';
  },
  refusal: () => 'the line is not logfmt',
};

function isConvincing(pairs: readonly Pair[], isDemanded: boolean): boolean {
  const valued = pairs.filter(({ value }) => value !== undefined).length;
  return isDemanded ? valued > 0 : valued === pairs.length && valued >= 2;
}

/** So many pairs and nothing else are no prose: one of the three is enough then (Heroku's router: `at=info method=GET path="/" …`). */
const manyPairs = 5;

function isProven({ timeMs, level, message }: Parsed, pairs: number): boolean {
  const found = [!Number.isNaN(timeMs), level !== undefined, message !== null].filter(Boolean).length;
  return found >= 2 || (found === 1 && pairs >= manyPairs && message === null);
}

/** No logger's first key is longer. */
const maxFirstKey = 64;

/** True when the line begins with a key and `=`: tells most text from logfmt within a few bytes, without a string. */
function startsWithKey(record: LogRecord): boolean {
  const start = contentStart(record);
  const end = Math.min(record.to, start + maxFirstKey);
  for (let at = start; at < end; at++) {
    const byte = record.text[at] ?? 0;
    if (byte === 0x3d) return at > start;
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    const isMark = byte === 0x5f || byte === 0x40 || byte === 0x2e || byte === 0x2d || (byte >= 0x30 && byte <= 0x39);
    if (!isLetter && !(isMark && (at > start || byte === 0x5f || byte === 0x40))) return false;
  }
  return false;
}
