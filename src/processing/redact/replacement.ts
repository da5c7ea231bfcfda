import { createHmac } from 'node:crypto';

/** What stands in a secret's place. `value`: what makes equal secrets equal. */
export type Replace = (kind: string, value: string) => string;

/** `[redacted:email]` */
export const mask: Replace = (kind) => `[redacted:${kind}]`;

/** Bytes of the hash that are shown: 64 bits. */
const shownBytes = 8;

/**
 * `[email:kfbgaodmpcnhjlei]`: the beginning of an HMAC-SHA256 of kind and value, in the letters a to p. With digits it could look like a secret
 * itself.
 */
export function keyedHash(key: string): Replace {
  return (kind, value) => {
    const digest = createHmac('sha256', key).update(`${kind}\0${value}`).digest().subarray(0, shownBytes);
    let letters = '';
    for (const byte of digest) letters += String.fromCharCode(0x61 + (byte >> 4), 0x61 + (byte & 15));
    return `[${kind}:${letters}]`;
  };
}

const replacements = /\[(?:redacted:([a-z][a-z0-9-]{0,31})|([a-z][a-z0-9-]{0,31}):[a-p]{16})\]/g;

/** Where something was redacted already, as [from, to) in order: there is nothing more to be found in it. */
export function replacementsIn(
  text: string,
  isKind: (name: string) => boolean,
): readonly (readonly [number, number])[] {
  if (!text.includes('[')) return [];
  const places: (readonly [number, number])[] = [];
  for (const match of text.matchAll(replacements)) {
    const kind = match[1] ?? match[2] ?? '';
    if (isKind(kind)) places.push([match.index, match.index + match[0].length]);
  }
  return places;
}
