import type { Random } from '../random.js';
import { oddText, prose } from './texts.js';

const escapes = [
  ...[
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\n',
    '\\r',
    '\\t',
    '\\u0000',
    '\\u001f',
    '\\u001F',
    '\\u0022',
    '\\u005c',
    '\\u002F',
    '\\u007f',
  ],
  ...[
    '\\u0080',
    '\\u00e9',
    '\\u07FF',
    '\\u0800',
    '\\u2028',
    '\\ufeff',
    '\\uffff',
    '\\ud83d\\ude00',
    '\\uD83D\\uDE00',
    '\\udbff\\udfff',
  ],
  // Halves of surrogate pairs, and what is no escape.
  ...['\\ud83d', '\\ude00', '\\ude00\\ud83d', '\\ud83d\\u0041', '\\ud83d\\n', '\\ud83dx', '\\ud83d\\ud83d\\ude00'],
];
const brokenEscapes = ['\\x', '\\u12', '\\u12g4', '\\U0041', "\\'", '\\0', '\\u 123', '\\', '\\u', '\u0001', '\t'];

/** A JSON string with its quotes, now and then none. */
export function jsonText(random: Random): string {
  const kind = random.below(8);
  if (kind < 3) return JSON.stringify(prose(random));
  if (kind === 3) return JSON.stringify(oddText(random));
  if (kind === 4) return `"${oddText(random).replace(/[\u0000-\u001f"\\]/g, '')}"`;
  if (kind === 5) return random.oneIn(3) ? '""' : `"${random.text('x', random.between(0, 40))}"`;
  const count = random.between(1, 6);
  let text = '';
  for (let i = 0; i < count; i += 1) {
    text += random.text('xé', random.below(18));
    text += random.oneIn(60) ? random.pick(brokenEscapes) : random.pick(escapes);
  }
  return `"${text}"`;
}

export const numbers = [
  '0',
  '-0',
  '1',
  '-1',
  '42',
  '0.5',
  '-0.0',
  '1e5',
  '1E5',
  '1e+5',
  '1e-5',
  '0e0',
  '1.50',
  '123456789012345678901234567890',
  '1.7976931348623157e309',
];
export const brokenNumbers = [
  '01',
  '-',
  '+1',
  '.5',
  '5.',
  '1e',
  '1e+',
  '0x1',
  '1_0',
  'NaN',
  'Infinity',
  '--1',
  '-01',
  '1.e5',
  '00',
  '-a',
  '1.2.3',
  '0.',
];
export const words = ['true', 'false', 'null'];
export const brokenWords = [
  'True',
  'tru',
  'nul',
  'nulll',
  'falsey',
  'undefined',
  '',
  'none',
  'fals',
  "'x'",
  'truefalse',
];

/** Digits as JSON has them, of any length. */
function number(random: Random): string {
  if (random.oneIn(2)) return random.pick(numbers);
  const whole = random.text('123456789', 1) + random.text('0123456789', random.below(12));
  const fraction = random.oneIn(3) ? `.${random.text('0123456789', random.between(1, 8))}` : '';
  const exponent = random.oneIn(6)
    ? random.pick(['e', 'E']) + random.pick(['', '+', '-']) + random.text('0123456789', random.between(1, 3))
    : '';
  return `${random.oneIn(4) ? '-' : ''}${whole}${fraction}${exponent}`;
}

/** White space between tokens, mostly none. `carriageReturns`: those too. */
export function gap(random: Random, rate: number): string {
  if (rate === 0 || !random.oneIn(rate)) return '';
  const kind = random.below(12);
  if (kind < 7) return ' ';
  if (kind < 9) return '\t';
  if (kind === 9) return ' \t  ';
  return kind === 10 ? '\r' : random.pick(['\v', '\f', '\u00a0', '\ufeff', '  ']);
}

/** A JSON value, now and then a broken one. `depth`: how much deeper it may go; `gaps`: once in so many places there is white space, 0 is never. */
export function jsonValue(random: Random, depth: number, gaps: number): string {
  const kind = random.below(depth > 0 ? 12 : 9);
  if (kind < 4) return jsonText(random);
  if (kind < 7) return random.oneIn(50) ? random.pick(brokenNumbers) : number(random);
  if (kind < 9) return random.oneIn(50) ? random.pick(brokenWords) : random.pick(words);
  const space = (): string => gap(random, gaps);
  const count = random.below(4);
  const values = Array.from({ length: count }, () => `${space()}${jsonValue(random, depth - 1, gaps)}${space()}`);
  if (kind === 9) return `[${values.join(',')}${count === 0 ? space() : ''}]`;
  return `{${values.map((value) => `${space()}${jsonText(random)}${space()}:${value}`).join(',')}${count === 0 ? space() : ''}}`;
}

/** Brackets and braces around nothing much, around the depths at which a check might give up. */
export function deepValue(random: Random): string {
  const depth = random.pick([1, 2, 31, 32, 33, 62, 63, 64, 65, 66, 200]);
  let open = '';
  let close = '';
  for (let i = 0; i < depth; i += 1) {
    const isObject = random.oneIn(2);
    open += isObject ? '{"k":' : '[';
    close = (isObject ? '}' : ']') + close;
  }
  return `${open}${random.pick(['1', '""', '{}', '[]', 'null'])}${close}`;
}
