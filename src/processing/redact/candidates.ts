import { redactionNames, type RedactionName } from '../../types/redaction-names.js';

/** A bit for each kind of secret. */
export const bitOf: Readonly<Record<RedactionName, number>> = Object.fromEntries(
  redactionNames.map((name, place) => [name, 1 << place]),
) as Record<RedactionName, number>;
/** The text has escapes that may hide any secret. */
export const hidden = 1 << redactionNames.length;

const { keys, auth, jwt, aws, gcp, github, slack, cards, email, ipv6, ipv4 } = bitOf;

const none = 0;
const digit = 1;
const dot = 2;
const colon = 3;
const at = 4;
const dash = 5;
const underscore = 6;
const upperJ = 7;
const upperA = 8;
const b = 9;
const k = 10;
const backslash = 11;
const percent = 12;
const z = 13;

/** Which characters can show a secret; all others cost a look. */
const triggers = new Uint8Array(128);
for (const [characters, trigger] of [
  ['0123456789', digit],
  ['.', dot],
  [':', colon],
  ['@', at],
  ['-', dash],
  ['_', underscore],
  ['J', upperJ],
  ['A', upperA],
  ['bB', b],
  ['kK', k],
  ['\\', backslash],
  ['%', percent],
  ['zZ', z],
] as const) {
  for (const character of characters) triggers[character.charCodeAt(0)] = trigger;
}

const shortestCard = 13;
/** `user:password@` of a URL is no longer. */
const userinfoReach = 520;
const fullLine = 64;

/**
 * The kinds of secrets that the text may hold, as bits: one cheap pass, so that most texts need no second. It errs on one side only: what
 * a kind's own search would find has its bit set.
 */
export function candidates(text: string): number {
  let bits = text.length === fullLine ? keys : 0;
  let lastDigit = -9;
  let digits = 0;
  let lastDot = -9;
  let lastColon = -9;
  let colons = 0;
  let scheme = -userinfoReach;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code >= 128) continue;
    const trigger = triggers[code]!;
    if (trigger === none) continue;
    switch (trigger) {
      case digit:
        digits =
          place - lastDigit <= 2 && (place - lastDigit === 1 || isSeparator(text.charCodeAt(place - 1)))
            ? digits + 1
            : 1;
        lastDigit = place;
        if (digits >= shortestCard) bits |= cards;
        break;
      case dot:
        if (place - lastDot <= 4 && lastDigit === place - 1) bits |= ipv4;
        lastDot = lastDigit === place - 1 ? place : -9;
        if (text.charCodeAt(place - 1) === 0x39 && text.startsWith('ya2', place - 4)) bits |= gcp;
        if (text.startsWith('slack.com', place + 1)) bits |= slack;
        break;
      case colon:
        if (text.charCodeAt(place + 1) === slash && text.charCodeAt(place + 2) === slash) scheme = place;
        if (place - lastColon === 1) bits |= ipv6;
        colons = place - lastColon <= 5 ? colons + 1 : 1;
        if (colons >= 6) bits |= ipv6;
        lastColon = place;
        break;
      case at:
        bits |= email;
        if (place - scheme < userinfoReach) bits |= auth;
        break;
      case dash:
        if (text.charCodeAt(place + 1) === code) {
          if (text.startsWith('----BEGIN ', place + 1) || text.startsWith('----END ', place + 1)) bits |= keys;
        } else if (text.startsWith('xox', place - 4) || text.startsWith('xapp', place - 4)) bits |= slack;
        else if (text.startsWith('GOCSPX', place - 6)) bits |= gcp;
        break;
      case underscore:
        if (text.startsWith('gh', place - 3) || text.startsWith('github', place - 6)) bits |= github;
        break;
      case upperJ:
        if (text.startsWith('ey', place - 2)) bits |= jwt;
        break;
      case upperA:
        if (text.startsWith('KIA', place + 1) || text.startsWith('SIA', place + 1)) bits |= aws;
        else if (text.startsWith('BIA', place + 1) || text.startsWith('CCA', place + 1)) bits |= aws;
        else if (text.startsWith('Iza', place + 1)) bits |= gcp;
        break;
      case b:
        if (isScheme(text, place)) bits |= auth;
        break;
      case k:
        if (namesSecret(text, place)) bits |= aws;
        break;
      case backslash: {
        const next = text.charCodeAt(place + 1) | 0x20;
        if (next === 0x75 || next === 0x78) bits |= hidden;
        break;
      }
      case percent: {
        const next = text.charCodeAt(place + 1);
        if (next >= 0x32 && next <= 0x37) bits |= hidden;
        break;
      }
      case z:
        // authorization
        if ((text.charCodeAt(place - 1) | 0x20) === 0x69 && (text.charCodeAt(place + 1) | 0x20) === 0x61) bits |= auth;
        break;
    }
  }
  return bits;
}

const slash = 0x2f;
const isSeparator = (code: number): boolean => code === 0x20 || code === 0x2d || code === 0x2e;

/** `bearer` or `basic`, in any case. */
function isScheme(text: string, place: number): boolean {
  const second = text.charCodeAt(place + 1) | 0x20;
  const third = text.charCodeAt(place + 2) | 0x20;
  return (second === 0x65 && third === 0x61) || (second === 0x61 && third === 0x73);
}

/** The `k` of a secret's or an access key, or of a session or security token, with or without a sign before it. */
function namesSecret(text: string, place: number): boolean {
  const next = text.charCodeAt(place + 1) | 0x20;
  if (next !== 0x65) return false;
  const third = text.charCodeAt(place + 2) | 0x20;
  if (third === 0x79) return 'st'.includes(letterBefore(text, place));
  return third === 0x6e && (text.charCodeAt(place - 1) | 0x20) === 0x6f && 'ny'.includes(letterBefore(text, place - 2));
}

/** The letter before `place`, in lower case; an `_` or `-` between them does not count. */
function letterBefore(text: string, place: number): string {
  const before = text.charAt(place - 1);
  return (before === '_' || before === '-' ? text.charAt(place - 2) : before).toLowerCase() || ' ';
}
