import { base64, classAt } from './characters.js';
import type { Find } from './finding.js';

const begin = '-----BEGIN ';
const ends = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const label = /[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
/** Bytes of a line of PEM (RFC 7468, section 2). */
const lineLength = 64;

/**
 * Private keys as PEM or PGP writes them, from BEGIN to END. A block whose other end is in another record is taken as far as it goes, and so is a text
 * that is nothing but one full line of base64 in both cases with digits.
 */
export const findPrivateKeys: Find = (text, found) => {
  let done = 0;
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, Math.max(done, at + begin.length))) {
    label.lastIndex = at + begin.length;
    if (!label.test(text)) continue;
    ends.lastIndex = label.lastIndex;
    const end = ends.exec(text);
    done = end === null ? bodyEnd(text, label.lastIndex) : ends.lastIndex;
    found(at, done);
  }
  // The rest of a block that began in another record.
  ends.lastIndex = done;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    found(bodyStart(text, end.index, done), ends.lastIndex);
    done = ends.lastIndex;
  }
  if (isBodyLine(text)) found(0, text.length);
};

/** Base64, line ends of any kind, escaped ones too, and the headers of an encrypted block. */
const isBody = (text: string, at: number): boolean =>
  (classAt(text, at) & base64) !== 0 || ' \t\r\n\\=:,-'.includes(text[at] ?? 'x.');

function bodyEnd(text: string, from: number): number {
  let to = from;
  while (to < text.length && isBody(text, to)) to++;
  return to;
}

/** Back over lines that are base64 only: prose before the END is none of it. */
function bodyStart(text: string, at: number, least: number): number {
  let from = at;
  while (from > least && (classAt(text, from - 1) & base64 || '\r\n\\='.includes(text[from - 1]!))) from--;
  return from;
}

function isBodyLine(text: string): boolean {
  if (text.length !== lineLength) return false;
  for (let at = 0; at < lineLength; at++) if ((classAt(text, at) & base64) === 0) return false;
  return /\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text) && /[g-zG-Z]/.test(text);
}
