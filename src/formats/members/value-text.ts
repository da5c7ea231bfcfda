import { jsonString } from '../../types/json-string.js';
import type { Member } from '../../types/record.js';

/** Names under which a number is text all the same. */
const messageKeys: readonly string[] = ['message', 'msg', 'Message', 'Msg'];

/** Values by name as members, in order; of a name that comes twice the last value counts, as in JSON. */
export function membersOf(pairs: Iterable<readonly [key: string, value: string | undefined]>): Member[] {
  const values = new Map<string, string>();
  for (const [key, value] of pairs) values.set(key, valueJson(key, value));
  return Array.from(values, ([key, json]) => ({ key, json }));
}

/** A value as JSON: plain numbers and booleans as such, none at all as true, a message always as text. */
function valueJson(key: string, value: string | undefined): string {
  if (value === undefined) return 'true';
  return isLiteral(value) && !messageKeys.includes(key) ? value : jsonString(value);
}

const isLiteral = (value: string): boolean => value === 'true' || value === 'false' || isPlainNumber(value);

/** A number that is the same text again once a receiver has read it as a double: no leading zeros, no 1.50, no digits that would be lost. */
function isPlainNumber(value: string): boolean {
  const first = value.charCodeAt(0);
  // Most values are words: they are told by their first character.
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return false;
  return /^-?\d[\d.]{0,20}$/.test(value) && String(Number(value)) === value;
}
