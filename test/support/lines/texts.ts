import type { Random } from '../random.js';
import { oddTime, usualTime } from './times.js';

const words = [
  ...[
    'GET',
    '/v1/orders/4711',
    'connection',
    'refused',
    'user=ada',
    'retry',
    '3',
    '12.5ms',
    'done',
    'dial',
    'tcp',
    '10.0.4.7:5432',
  ],
  ...[
    'a=b',
    'x',
    'café',
    'naïve',
    '日本語',
    '🙂',
    '"quoted"',
    '\\path\\to',
    'tab\there',
    '{}',
    '[1,2]',
    '{"a":1}',
    'null',
    '=',
    'ß',
    '\u2028',
  ],
];

/** A few words, most of them plain. */
export function prose(random: Random): string {
  const count = random.between(1, 12);
  let text = '';
  for (let i = 0; i < count; i += 1) text += (i === 0 ? '' : ' ') + random.pick(words);
  return text;
}

/** A line of an access log. */
export function accessLine(random: Random): string {
  const address = `${random.below(256)}.${random.below(256)}.0.${random.below(256)}`;
  const path = random.text('abcdefgh/-_.%', random.between(1, 40));
  const agent = random.oneIn(8) ? 'Mözilla/5.0 \\x22' : 'Mozilla/5.0 (X11; Linux x86_64)';
  const status = random.pick(['200', '301', '404', '500']);
  return `${address} - - [20/Nov/2026:09:15:02 +0000] "GET /${path} HTTP/1.1" ${status} ${random.below(1e6)} "-" "${agent}"`;
}

/** Characters of every length in UTF-8, and those that JSON escapes. */
const characters = [
  ...[
    'a',
    'Z',
    '0',
    ' ',
    '=',
    '"',
    '\\',
    '/',
    '\b',
    '\f',
    '\t',
    '\r',
    '\v',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u0080',
    '\u00e9',
    '\u07ff',
  ],
  ...[
    '\u0800',
    '\u2028',
    '\u2029',
    '\ud7ff',
    '\ue000',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\u{10000}',
    '\u{1f642}',
    '\u{10ffff}',
  ],
];

/** Text of any characters, with the borders of 16 bytes in all positions. No line feeds. */
export function oddText(random: Random, longest = 40): string {
  const length = random.below(longest + 1);
  const plain = random.pick([1, 2, 5, 20]);
  let text = '';
  for (let i = 0; i < length; i += 1) text += random.oneIn(plain) ? random.pick(characters) : 'x';
  return text;
}

/** Text that something might take for a format. */
export function lookAlike(random: Random): string {
  const kind = random.below(10);
  if (kind === 0)
    return `${oddTime(random)} ${random.pick(['stdout', 'stderr', 'stdxxx', 'stdout '])} ${prose(random)}`;
  if (kind === 1) return `${usualTime(random)} ${random.pick(['INFO', 'stdout', 'stderr'])}`;
  if (kind === 2) return `${random.pick([' ', '\t', '\v', ''])}{${prose(random)}`;
  if (kind === 3) return `{"log":"${prose(random)}`;
  if (kind === 4) return `${random.text('abc_@.-09 =', random.between(1, 70))}=${prose(random)}`;
  if (kind === 5) return `${random.text('a', random.between(60, 66))}=1 level=info`;
  if (kind === 6) return `${oddTime(random)} ${prose(random)}`;
  if (kind === 7) return `0123-56789Tstdout F x`;
  if (kind === 8) return random.text('{}[]":, \\', random.between(1, 20));
  return `\ufeff${prose(random)}`;
}

/** Pairs of key and value. */
export function logfmtLine(random: Random): string {
  const level = random.pick(['info', 'warn', 'ERROR', 'debug', 'odd']);
  const pairs = [`time=${usualTime(random)}`, `level=${level}`, `msg="${prose(random).replace(/["\\]/g, '\\$&')}"`];
  const more = random.below(5);
  for (let i = 0; i < more; i += 1)
    pairs.push(`${random.text('abcdef_.', 4)}=${random.pick(['1', '1.50', 'true', 'x', '"a b"', ''])}`);
  return pairs.slice(random.oneIn(6) ? 1 : 0).join(random.oneIn(10) ? '  ' : ' ');
}
