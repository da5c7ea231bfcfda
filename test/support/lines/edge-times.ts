import { range } from './range.js';

const two = (value: number): string => String(value).padStart(2, '0');

const years = [
  '0000',
  '0999',
  '1969',
  '1970',
  '1972',
  '1999',
  '2000',
  '2023',
  '2024',
  '2026',
  '2100',
  '2400',
  '9999',
  '02x6',
];
const clocks = [
  ...[
    '00:00:00',
    '09:15:02',
    '23:59:59',
    '23:59:60',
    '24:00:00',
    '12:60:00',
    '12:59:60',
    '12:59:61',
    '2x:00:00',
    '00:0x:00',
    '00:00:0x',
  ],
  ...['09.15:02', '09:15.02', '9:15:02', '09:15', '09:15:2', '-1:00:00'],
];
const fractions = [
  '',
  '.',
  ',',
  ...range(1, 11).map((digits) => `.${'123456789012'.slice(0, digits)}`),
  '.1x',
  '.000',
  '.1230',
  '.1230001',
  '.123000000',
  ',123',
  ',123456',
  '. 1',
];
const zones = [
  ...[
    'Z',
    'z',
    '',
    '+00:00',
    '-00:00',
    '+01:00',
    '-01:00',
    '+0330',
    '-0330',
    '+23:59',
    '-23:59',
    '+24:00',
    '+12:60',
    '+01',
    '+1:00',
    '+01:0',
  ],
  ...['+01:000', '+x1:00', '+01:x0', '01:00', '*01:00', ' Z', ' +01:00', 'ZZ', 'UTC', '+01:00Z'],
];

/** Times of day, dates, fractions and zones that are, are not, or only just are. */
export function times(): string[] {
  const days = years.flatMap((year) =>
    range(0, 13).flatMap((month) => [0, 1, 28, 29, 30, 31, 32].map((day) => `${year}-${two(month)}-${two(day)}`)),
  );
  const shapes = [
    '2026/11/20',
    '2026-11/20',
    '20261120',
    '2026-1-20',
    '2026-11-2',
    '202-11-20',
    '12026-11-20',
    '2026-11-2x',
    '2026-x1-20',
  ];
  return [
    ...[...days, ...shapes].map((day) => `${day}T09:15:02Z`),
    ...['1970-01-01', '2026-11-20', '9999-12-31'].flatMap((day) =>
      clocks.flatMap((clock) => ['T', ' '].map((mark) => `${day}${mark}${clock}Z`)),
    ),
    ...['t', '_', '  ', ''].map((mark) => `2026-11-20${mark}09:15:02Z`),
    ...fractions.flatMap((fraction) => ['Z', '', '+01:00'].map((zone) => `2026-11-20T23:59:59${fraction}${zone}`)),
    ...zones.flatMap((zone) =>
      ['1970-01-01T00:00:00', '2026-11-20T09:15:02.5', '9999-12-31T23:59:59.999'].map((time) => time + zone),
    ),
  ];
}

const digitsOf = (length: number, first: string): string => (first + '1234567890'.repeat(3)).slice(0, length);

/** Numbers of 1 to 22 digits, with and without a fraction. */
export const epochs = (): string[] =>
  range(1, 22).flatMap((length) =>
    ['1', '2', '9', '0', '99999'].flatMap((first) =>
      ['', '.', ...range(1, 11).map((digits) => `.${digitsOf(digits, '')}`), '.000', '.0001', '.x', 'e3', 's'].map(
        (rest) => digitsOf(length, first) + rest,
      ),
    ),
  );
