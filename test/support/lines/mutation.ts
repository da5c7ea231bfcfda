import type { Random } from '../random.js';

/** Bytes at which a parser turns. */
const telling = Buffer.from('"\\{}[]:,.-+eE \t\r\v\f0129ntfuTZ=/\u0000\u0001\u007f', 'latin1');
/** Leads and continuations of UTF-8, valid and never valid. */
const beyond = Buffer.from([
  0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0x9f, 0xed, 0xef, 0xbb, 0xf0, 0x90, 0x8f, 0xf4, 0xf5, 0xff,
]);

const someByte = (random: Random): number => {
  const kind = random.below(4);
  if (kind === 0) return random.below(256);
  const from = kind === 1 ? beyond : telling;
  return from[random.below(from.length)]!;
};

/** The line with one thing about it changed. It may come to hold line feeds. */
function mutateOnce(random: Random, line: Buffer): Buffer {
  if (line.length === 0) return Buffer.from([someByte(random)]);
  const at = random.below(line.length);
  const other = random.below(line.length + 1);
  const [from, to] = at < other ? [at, other] : [other, at];
  switch (random.below(8)) {
    case 0: {
      const flipped = Buffer.from(line);
      flipped[at] = flipped[at]! ^ (1 << random.below(8));
      return flipped;
    }
    case 1: {
      const replaced = Buffer.from(line);
      replaced[at] = someByte(random);
      return replaced;
    }
    case 2:
      return Buffer.concat([line.subarray(0, at), Buffer.from([someByte(random)]), line.subarray(at)]);
    case 3:
      return Buffer.concat([line.subarray(0, at), line.subarray(at + 1)]);
    case 4:
      return line.subarray(0, at);
    case 5:
      return Buffer.concat([line.subarray(0, from), line.subarray(to)]);
    case 6:
      return Buffer.concat([line.subarray(0, to), line.subarray(from)]);
    default:
      return Buffer.concat([line.subarray(to), line.subarray(from, to), line.subarray(0, from)]);
  }
}

/** A line that is nearly the given one. */
export function mutate(random: Random, line: Buffer): Buffer {
  let mutated = mutateOnce(random, line);
  while (random.oneIn(3)) mutated = mutateOnce(random, mutated);
  return mutated;
}
