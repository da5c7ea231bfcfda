import type { Random } from '../random.js';
import { mutate } from './mutation.js';
import { someMs } from './times.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

const clients = ['192.0.2.7', '10.0.4.17', '2001:db8::7', '::1', 'fe80::1:2:3'];
const users = ['-', '-', '-', 'ada', 'ada.l-2@example.org'];
const methods = ['GET', 'GET', 'POST', 'DELETE', 'PROPFIND'];
const agents = ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', 'curl/8.5.0', '-', 'kube-probe/1.31', 'x'];
const extras = ['"-"', '"203.0.113.4, 10.0.0.1"', '0.012', '12', '-', 'upstream-1', '""', '"a b"', '[x]'];

/** As the common log format has it. */
export function serverTime(ms: number, offset = '+0000'): string {
  const date = new Date(ms);
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]!}/${date.getUTCFullYear()}`;
  return `${day}:${date.toISOString().slice(11, 19)} ${offset}`;
}

/** The fields of a line in their order, which go with the blanks and brackets between them. */
function fieldsOf(random: Random): string[] {
  const target = `/${random.text('abcdefgh/-_.%?&=+', random.below(60))}`;
  const size = random.oneIn(6) ? '-' : String(random.below(1e6));
  return [
    random.pick(clients),
    '-',
    random.pick(users),
    `[${serverTime(someMs(random), random.pick(['+0000', '+0000', '+0100', '-0330', '+2359']))}]`,
    `"${random.pick(methods)} ${target} HTTP/${random.pick(['1.1', '1.1', '2.0', '1.0', '2', '3'])}"`,
    random.pick(['200', '200', '204', '301', '404', '499', '500', '503', '999']),
    size,
  ];
}

/** As web servers write it, nearly all of them: common, combined, or with fields behind. */
export function usualAccessLine(random: Random): string {
  const fields = fieldsOf(random);
  if (random.oneIn(5)) return fields.join(' ');
  fields.push(`"${random.pick(['-', 'https://shop.example/cart?x=1', ''])}"`, `"${random.pick(agents)}"`);
  for (let more = random.pick([0, 0, 0, 1, 2, 5]); more > 0; more -= 1) fields.push(random.pick(extras));
  return fields.join(' ');
}

const oddFields = [
  ...['"x\\ y', '"x\u0001 y', '"x\u00e9 y'],
  ...[
    '',
    '-',
    '--',
    '""',
    '"-"',
    '"',
    '[',
    ']',
    '\\',
    '"\\"',
    '"a\\"b"',
    '"a"b"',
    "'x'",
    '0',
    '00',
    '099',
    '12',
    '1234567890123456',
  ],
  ...[
    'example.org',
    'example.org:443',
    '[::1]:80',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4:80',
    '1.2.3.4,',
    'unix:',
    'a:b',
    'INFO',
    'x y',
    'caf\u00e9',
  ],
  ...[
    '"GET"',
    '"GET /"',
    '"GET / HTTP/1.1 "',
    '"GET  / HTTP/1.1"',
    '"get / HTTP/1.1"',
    '"GET /a b HTTP/1.1"',
    '"GET - HTTP/1.1"',
  ],
  ...[
    '"GET / HTTP/11"',
    '"GET / HTTP/1.x"',
    '"GET / http/1.1"',
    '"\\x16\\x03"',
    '"GET / HTTP/1.1',
    '"GET /\u00e9 HTTP/1.1"',
    '"GET /\t HTTP/1.1"',
  ],
  ...[
    '[20/Nov/2026:09:15:02]',
    '[20/Nov/2026 09:15:02]',
    '[20/nov/2026:09:15:02 +0000]',
    '[2026-11-20T09:15:02Z]',
    '[20/Nov/1969:09:15:02 +0000]',
  ],
  ...[
    '[31/Nov/2026:09:15:02 +0000]',
    '[20/Nov/2026:24:00:00 +0000]',
    '[20/Nov/2026:09:15:60 +0000]',
    '[20/Nov/2026:09:15:02 +2400]',
  ],
  ...[
    '[20/Nov/2026:09:15:02.123 +0000]',
    '[20/Nov/2026:09:15:02 0000]',
    '[01/Jan/1970:00:00:00 +0100]',
    '[29/Feb/2024:09:15:02 -0000]',
    '[29/Feb/2026:09:15:02 +0000]',
  ],
];

/** Nearly one, or as few servers write it. */
export function oddAccessLine(random: Random): string {
  const line = usualAccessLine(random);
  const kind = random.below(6);
  if (kind === 0) return mutate(random, Buffer.from(line)).toString('latin1').replaceAll('\n', ' ');
  const fields = random.oneIn(2) ? fieldsOf(random) : (line.match(/\[[^\]]*\]|"[^"]*"|\S+/g) ?? []);
  const at = random.below(fields.length + 1);
  if (kind === 1) fields.splice(at, 1);
  else if (kind === 2) fields.splice(at, 0, random.pick(oddFields));
  else fields.splice(at, 1, random.pick(oddFields));
  if (kind === 3) return fields.join(random.pick([' ', '  ', '\t'])) + random.pick(['', ' ', ' "']);
  if (kind === 4) return fields.join(' ') + ` ${extras.slice(random.below(9)).join(' ')}`.repeat(random.between(1, 5));
  return fields.join(' ');
}

/** Each field of a line replaced by each odd one, left out, or followed by it. */
export function accessBorders(): string[] {
  const usual = [
    '192.0.2.7',
    '-',
    'ada',
    '[20/Nov/2026:09:15:02 +0000]',
    '"GET /x?y=1 HTTP/1.1"',
    '200',
    '17',
    '"-"',
    '"curl/8.5"',
    '0.1',
  ];
  const days = months.flatMap((month) =>
    ['00', '01', '28', '29', '30', '31', '32'].map((day) => `[${day}/${month}/2024:09:15:02 +0000]`),
  );
  return [
    ...usual.flatMap((_, i) => [
      usual.toSpliced(i, 1).join(' '),
      usual.slice(0, i + 1).join(' '),
      `${usual.slice(0, i).join(' ')}  ${usual.slice(i).join(' ')}`,
      ...oddFields.flatMap((odd) => [usual.with(i, odd).join(' '), usual.toSpliced(i, 0, odd).join(' ')]),
    ]),
    ...days.map((day) => usual.with(3, day).join(' ')),
    ...Array.from({ length: 20 }, (_, count) => [...usual, ...Array.from({ length: count }, () => 'x')].join(' ')),
    ...Array.from({ length: 80 }, (_, length) => usual.with(2, 'u'.repeat(length)).join(' ')),
    ...Array.from({ length: 40 }, (_, length) => usual.with(4, `"${'G'.repeat(length)} / HTTP/1.1"`).join(' ')),
    ...Array.from({ length: 300 }, (_, length) => usual.with(0, `:${'1'.repeat(length)}:`).join(' ')),
    ...Array.from({ length: 20 }, (_, length) => usual.with(6, '1'.repeat(length)).join(' ')),
  ];
}
