import { levelStarts } from '../../../src/formats/plain.js';
import type { Random } from '../random.js';
import { range } from './range.js';

const words = [
  ...levelStarts,
  'e',
  'in',
  'infos',
  'informational',
  'inform-ation',
  'x',
  'Zeta',
  'user.name',
  'a-b_c',
  'caf\u00e9',
  '\u00fc',
];
const ends = ['', ' ', '=', '=1', ' =1', ':', ': ', '[', '\t', '\u00e9', ' x', ' y z'];
const clocks = ['9:1', '09:15:02', ':1', '1:', ' :1', '9: ', '9:x', 'x:1', '9::1', '9:1:', '\u00e9:1', '12:30'];

/** Text on the border of what shows something of a format: words that may be levels, keys, times of day, all of them here or there. */
export function plainEdge(random: Random): string {
  const start = random.oneIn(6)
    ? random.pick(['[', '<', '1', '"', '-', ' ', '\t', '{', '(', '#', '\u00a0', '@', '_'])
    : '';
  const word = random.oneIn(8) ? random.text('aB.-_@1', random.between(100, 140)) : random.pick(words);
  const cased = random.oneIn(3) ? word.toUpperCase() : word;
  const longer = random.oneIn(3) ? cased + random.text('abcXYZ', random.below(12)) : cased;
  const filler = random.text(
    random.pick(['x', 'xy z', ' ']),
    random.oneIn(2) ? random.below(20) : random.between(90, 140),
  );
  const clock = random.oneIn(2) ? random.pick(clocks) : '';
  return start + longer + random.pick(ends) + filler + clock + random.pick(['', '', ' end', '\u00e9']);
}

/** A time of day at each place around the last one at which it counts, and words of each length. */
export const plainBorders = (): string[] => [
  ...range(0, 40)
    .concat(range(110, 140))
    .flatMap((length) => clocks.flatMap((clock) => ['', ' '].map((end) => `x${' '.repeat(length)}${clock}${end}`))),
  ...range(1, 140).flatMap((length) => ['', '=', ' ', ' x'].map((end) => 'k'.repeat(length) + end)),
  ...words.flatMap((word) =>
    range(0, 13).flatMap((length) => {
      const longer = word + 'qwertyuiopasd'.slice(0, length);
      return [longer, longer.toUpperCase()].flatMap((each) => ends.map((end) => each + end));
    }),
  ),
  ...range(1, 127)
    .filter((code) => code !== 10)
    .flatMap((code) => ['', 'a'].map((before) => `${before}${String.fromCharCode(code)} b c`)),
];
