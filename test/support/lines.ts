import { joinTriggers } from '../../src/lines/joiner.js';
import { oddAccessLine, usualAccessLine } from './lines/access-lines.js';
import { oddDatedLine, usualDatedLine } from './lines/dated-lines.js';
import { loggerLine, oddObject } from './lines/json-lines.js';
import { mutate } from './lines/mutation.js';
import { plainEdge } from './lines/plain-edges.js';
import { accessLine, logfmtLine, lookAlike, oddText, prose } from './lines/texts.js';
import { criLine, dockerLine } from './lines/wrapped-lines.js';
import type { Random } from './random.js';

/** What a file is full of. */
export const families = [
  'json',
  'odd json',
  'text',
  'odd text',
  'logfmt',
  'access',
  'cri access',
  'dated',
  'cri dated',
  'docker access',
  'cri text',
  'cri json',
  'docker text',
  'docker json',
  'mixed',
] as const;
export type Family = (typeof families)[number];

/** A line of a family. `odd`: as few applications would write it. */
export function lineOf(random: Random, family: Family, odd: boolean): string {
  switch (family) {
    case 'json':
      return odd ? oddObject(random) : loggerLine(random);
    case 'odd json':
      return oddObject(random);
    case 'text':
      if (odd) return random.oneIn(2) ? lookAlike(random) : plainEdge(random);
      return random.oneIn(50) ? shownText(random) : plainText(random);
    case 'odd text':
      return random.oneIn(4) ? lookAlike(random) : random.oneIn(3) ? plainEdge(random) : oddText(random, 80);
    case 'logfmt':
      return odd ? lookAlike(random) : logfmtLine(random);
    case 'access':
      return odd ? oddAccessLine(random) : usualAccessLine(random);
    case 'dated':
      return odd ? oddDatedLine(random) : usualDatedLine(random);
    case 'cri dated':
      return criLine(random, lineOf(random, 'dated', odd), odd);
    case 'cri access':
      return criLine(random, lineOf(random, 'access', odd), odd);
    case 'docker access':
      return dockerLine(random, lineOf(random, 'access', odd), odd);
    case 'cri text':
      return criLine(random, lineOf(random, random.oneIn(8) ? 'odd text' : 'text', odd), odd);
    case 'cri json':
      return criLine(random, lineOf(random, 'json', odd), odd);
    case 'docker text':
      return dockerLine(random, lineOf(random, random.oneIn(8) ? 'odd text' : 'text', odd), odd);
    case 'docker json':
      return dockerLine(random, lineOf(random, 'json', odd), odd);
    case 'mixed':
      return lineOf(random, random.pick(families.slice(0, -1)), odd);
  }
}

/** Text that shows nothing of a format. */
const plainText = (random: Random): string =>
  `${random.pick(['retry of', 'Caf\u00e9:', 'done;', 'user-7'])} ${prose(random).replaceAll(':5432', '')}`;

/** Text that begins as a format might. */
const shownText = (random: Random): string =>
  random.oneIn(2) ? accessLine(random) : `[${random.below(99)}] ${prose(random)}`;

export interface FileTaste {
  readonly family: Family;
  /** Once in so many lines one is odd, is changed by chance, or is something that is no line of its own; 0 is never. */
  readonly oddIn: number;
  readonly mutatedIn: number;
  readonly strangeIn: number;
  readonly lineEnd: '\n' | '\r\n' | 'both';
  readonly maxLineBytes: number;
}

const once = (random: Random, times: number): boolean => times > 0 && random.oneIn(times);

/** A line with its end, as a file of this taste has it. It may turn out to be several, or none. */
export function nextLine(random: Random, taste: FileTaste): Buffer {
  const end = taste.lineEnd === 'both' ? random.pick(['\n', '\r\n']) : taste.lineEnd;
  if (once(random, taste.strangeIn)) return strange(random, taste, end);
  const text = lineOf(random, taste.family, once(random, taste.oddIn));
  const line = Buffer.from(`${text}${end}`);
  if (!once(random, taste.mutatedIn)) return line;
  const mutated = mutate(random, line.subarray(0, line.length - end.length));
  return Buffer.concat([mutated, line.subarray(line.length - end.length)]);
}

function strange(random: Random, { family, maxLineBytes }: FileTaste, end: string): Buffer {
  switch (random.below(11)) {
    case 7:
    case 8:
    case 9:
      return Buffer.from(`${tracePiece(random)}${end}`);
    case 0:
      return Buffer.from(end);
    case 1:
      return Buffer.from(`${random.text(' \t\r\v\f', random.between(1, 20))}${end}`);
    case 2:
      return Buffer.alloc(random.between(1, 20));
    case 3:
      return Buffer.from(`${'\0'.repeat(random.between(1, 3))}${lineOf(random, family, false)}${end}`);
    case 4:
      return Buffer.from(`${random.pick(['\r', '\r\r', '\ufeff', '\u0085', '\u00a0'])}${end}`);
    case 5:
      if (random.oneIn(2)) return growing(random, maxLineBytes, end);
      return Buffer.from([...Buffer.from(oddText(random)), random.between(0x80, 0xff), ...Buffer.from(end)]);
    case 6:
      return Buffer.from(`${lineOf(random, random.pick(families), random.oneIn(2))}${end}`);
    default:
      // Of 64 KiB a few are enough.
      if (maxLineBytes > 10_000 && !random.oneIn(20)) return Buffer.from(`${lineOf(random, family, true)}${end}`);
      return long(random, family, maxLineBytes, end);
  }
}

/** A line that goes on from the one before it, or begins something, or nearly. */
function tracePiece(random: Random): string {
  const piece = random.pick(random.oneIn(2) ? joinTriggers : indented);
  return random.oneIn(4)
    ? piece.slice(0, random.below(piece.length + 1))
    : `${piece}${random.pick(['', 'x', ' x y', prose(random)])}`;
}
const indented = ['\tat a.b.C(D.java:1)', '  File "x.py", line 1', ' ', '\t', '    ^', '{', '}', '[', ']'];

/** A line that takes several times its length when it is written. */
function growing(random: Random, maxLineBytes: number, end: string): Buffer {
  const line = Buffer.alloc(
    random.between(1, Math.min(maxLineBytes, 3000)),
    random.pick(['\u0001', '"', '\\', '\xff']),
    'latin1',
  );
  return Buffer.concat([line, Buffer.from(end)]);
}

/** A line of about the longest length that is one record. */
function long(random: Random, family: Family, maxLineBytes: number, end: string): Buffer {
  const wanted = Math.min(100_000, maxLineBytes + random.between(-3, 3) + (random.oneIn(6) ? maxLineBytes : 0));
  const line = lineOf(random, family, false);
  const filler = random.pick(['x', ' ', '"', '\\', '\u00e9', '\u20ac', '{', '\u0001']);
  const count = Math.max(0, Math.ceil((wanted - Buffer.byteLength(line)) / Buffer.byteLength(filler)));
  const at = line.lastIndexOf('"', line.lastIndexOf('"') - 1) + 1;
  const text = family.includes('text')
    ? line + filler.repeat(count)
    : line.slice(0, at) + filler.repeat(count) + line.slice(at);
  return Buffer.from(`${text}${end}`);
}
