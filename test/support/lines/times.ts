import type { Random } from '../random.js';

const two = (value: number): string => String(value).padStart(2, '0');

/** Moments lie mostly near each other, as in a log: within one hour, and now and then in another one, or on another day. */
const firstMs = Date.UTC(2026, 10, 20, 22);
const hourMs = 3_600_000;

export const someMs = (random: Random): number => firstMs + random.below(random.oneIn(30) ? 3 * hourMs : hourMs);

/** A time as loggers write it, in UTC or with an offset. */
export function usualTime(random: Random): string {
  const ms = someMs(random);
  if (random.oneIn(2)) return new Date(ms).toISOString();
  const [offset, minutes] = random.pick(offsets);
  const seconds = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  const fraction = random.text('0123456789', random.pick([0, 3, 6, 6, 9, 9]));
  return `${seconds}${fraction && '.'}${fraction}${offset}`;
}

const offsets = [
  ['Z', 0],
  ['Z', 0],
  ['+01:00', 60],
  ['-0330', -210],
] as const;

/** A number of seconds, ms, µs or ns since the epoch, as loggers write it. */
export function usualEpoch(random: Random): string {
  const ms = String(someMs(random));
  const kind = random.below(5);
  if (kind === 0) return ms.slice(0, 10);
  if (kind === 1) return `${ms.slice(0, 10)}.${random.text('0123456789', random.between(1, 9))}`;
  if (kind === 2) return ms;
  return ms + random.text('0123456789', kind === 3 ? 3 : 6);
}

/** The wall clock's reading of a day that is, is not, or only just is. */
function oddDate(random: Random): string {
  const year = random.pick([
    '1969',
    '1970',
    '1999',
    '2000',
    '2023',
    '2024',
    '2026',
    '2100',
    '9999',
    '10000',
    '0000',
    '02x6',
  ]);
  const month = random.oneIn(8) ? random.pick(['00', '13', '1', '1a']) : two(random.between(1, 12));
  const day = random.oneIn(3)
    ? random.pick(['00', '28', '29', '30', '31', '32', '1', '0x'])
    : two(random.between(1, 31));
  const dash = random.oneIn(12) ? random.pick(['/', '.', '']) : '-';
  return `${year}${dash}${month}${random.oneIn(20) ? '/' : dash}${day}`;
}

function oddClock(random: Random): string {
  const hour = random.oneIn(5) ? random.pick(['00', '23', '24', '25', '9', '1x']) : two(random.below(24));
  const minute = random.oneIn(5) ? random.pick(['00', '59', '60', '5']) : two(random.below(60));
  const second = random.oneIn(4) ? random.pick(['59', '60', '61', '6', '']) : two(random.below(60));
  const colon = random.oneIn(20) ? random.pick(['.', '', '-']) : ':';
  return `${hour}${colon}${minute}:${second}`;
}

function oddFraction(random: Random): string {
  const digits = random.text(random.oneIn(3) ? '0' : '0123456789', random.below(12));
  if (digits === '') return random.oneIn(10) ? '.' : '';
  return `${random.oneIn(6) ? ',' : '.'}${digits}${random.oneIn(10) ? 'x' : ''}`;
}

const zones = [
  ...[
    'Z',
    'Z',
    'z',
    '',
    '',
    '+00:00',
    '-00:00',
    '+01:00',
    '-0330',
    '+05:45',
    '+23:59',
    '+24:00',
    '-12:60',
    '+01',
    '+1:00',
  ],
  ...[' +0000', ' UTC', 'UTC', ' GMT', ' Z', 'ZZ', '+01:00x', '−01:00', '+', ':', '+0100 ', ' CET'],
];

/** A time in any layout, mostly valid, often by a hair. */
export function oddTime(random: Random): string {
  const kind = random.below(12);
  if (kind === 0) return oddEpoch(random);
  if (kind === 1) return new Date(someMs(random)).toUTCString();
  if (kind === 2) return `${two(random.between(1, 31))}/Nov/2026:09:15:02 +0000`;
  if (kind === 3)
    return random.pick(['', 'now', '0', 'null', '20261120091502', 'Fri Nov 20 09:15:02 2026', 'T', '-62135596800']);
  const separator = random.oneIn(6) ? random.pick([' ', ' ', 't', '_', '  ']) : 'T';
  return `${oddDate(random)}${separator}${oddClock(random)}${oddFraction(random)}${random.pick(zones)}`;
}

/** A number that may be an epoch: of 1 to 21 digits, with or without a fraction, a sign, an exponent. */
export function oddEpoch(random: Random): string {
  const first = random.oneIn(8) ? '0' : random.pick(['1', '1', '1', '2', '9', '99999']);
  const whole = (first + random.text('0123456789', random.between(0, 20))).slice(0, random.between(1, 21));
  const fraction = random.oneIn(3) ? `.${random.text(random.oneIn(4) ? '0' : '0123456789', random.below(12))}` : '';
  return `${random.oneIn(20) ? '-' : ''}${whole}${fraction}${random.oneIn(20) ? random.pick(['e3', 'E+2', 's', ' ']) : ''}`;
}
