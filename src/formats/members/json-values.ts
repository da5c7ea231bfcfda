import { splitMembers } from '../../types/json-members.js';
import { jsonString } from '../../types/json-string.js';
import type { Member } from '../../types/record.js';

/** Values of members, which are valid JSON text. */

/** The string that the JSON text is; undefined when it is another value. */
export function stringValue(json: string): string | undefined {
  if (json.charCodeAt(0) !== quote) return undefined;
  if (!json.includes('\\')) return json.slice(1, -1);
  const decoded: unknown = JSON.parse(json);
  return typeof decoded === 'string' ? decoded : undefined;
}

/** The text of a string, a number or a word; undefined for an object or an array. */
export function scalarText(json: string): string | undefined {
  const first = json.charCodeAt(0);
  if (first === quote) return stringValue(json);
  return first === openBrace || first === openBracket ? undefined : json;
}

/** The members of an object; undefined for another value. */
export function objectMembers(json: string): Member[] | undefined {
  return json.charCodeAt(0) === openBrace ? splitMembers(json) : undefined;
}

/** An object of these members. */
const objectOf = (members: readonly Member[]): string =>
  `{${members.map(({ key, json }) => `${jsonString(key)}:${json}`).join()}}`;

/** The member's value; '' when there is none of that name. */
export const jsonAt = (members: readonly Member[] | undefined, key: string): string =>
  members?.find((member) => member.key === key)?.json ?? '';

/** The members with the object `key` made of `inner`, at its place; without any it goes. */
export function withObject(members: readonly Member[], key: string, inner: readonly Member[]): readonly Member[] {
  const place = members.findIndex((member) => member.key === key);
  return members.toSpliced(place, 1, ...(inner.length === 0 ? [] : [{ key, json: objectOf(inner) }]));
}

const quote = 0x22;
const openBracket = 0x5b;
const openBrace = 0x7b;
