import { levels } from '../../../src/formats/levels.js';
import { mappedKeys } from '../../../src/formats/mapping.js';
import { brokenNumbers, brokenWords, numbers, words } from './json-values.js';

/** Lines just within and just beyond a rule. */
export interface Edges {
  readonly format: 'raw' | 'json' | 'cri' | 'docker';
  /** A line like them that is surely for the kernel. */
  readonly usual: string;
  /** 64 KiB when it is left out. */
  readonly maxLineBytes?: number;
  readonly lines: readonly (string | Buffer)[];
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
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

function times(): string[] {
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

const epochs = (): string[] =>
  range(1, 22).flatMap((length) =>
    ['1', '2', '9', '0', '99999'].flatMap((first) =>
      ['', '.', ...range(1, 11).map((digits) => `.${digitsOf(digits, '')}`), '.000', '.0001', '.x', 'e3', 's'].map(
        (rest) => digitsOf(length, first) + rest,
      ),
    ),
  );

/** Leads, and what may follow them, at the borders of what UTF-8 allows. */
function sequences(): Buffer[] {
  const leads = [
    0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  ];
  const seconds = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  const others = [0x7f, 0x80, 0xbf, 0xc2];
  const all = leads.flatMap((lead) =>
    seconds.flatMap((second) => [
      [lead, second],
      ...others.flatMap((third) => [[lead, second, third], ...others.map((fourth) => [lead, second, third, fourth])]),
    ]),
  );
  return [...leads.map((lead) => [lead]), ...all].map((bytes) => Buffer.from(bytes));
}

/** `before`, the bytes, `after`, with the bytes at each place of 16. */
const around = (before: string, bytes: Buffer, after: string, i: number): Buffer =>
  Buffer.concat([Buffer.from(before + 'x'.repeat(i % 17)), bytes, Buffer.from(after)]);

/** Every ASCII character as it is and escaped, and units at the borders, at each place of 16. */
function strings(): string[] {
  const plain = range(0, 127)
    .map((code) => String.fromCharCode(code))
    .filter((character) => character !== '\n');
  const escaped = plain.map((character) => `\\${character}`);
  const units = [
    0, 0x1f, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfffd, 0xffff,
  ];
  const hex = (unit: number): string => unit.toString(16).padStart(4, '0');
  const single = units.flatMap((unit) => [
    `\\u${hex(unit)}`,
    `\\u${hex(unit).toUpperCase()}`,
    `\\u${hex(unit).slice(1)}`,
    `\\u${hex(unit).slice(1)}g`,
  ]);
  const pairs = units.flatMap((one) => units.map((other) => `\\u${hex(one)}\\u${hex(other)}`));
  return [...plain, ...escaped, ...single, ...pairs, '\\ud83d\\n', '\\ud83du1234', '\\ud83d\\U1234'];
}

/** All names with one place changed, left out or doubled. */
const nearly = (names: readonly string[]): string[] =>
  names.flatMap((name) => [
    name,
    name.toUpperCase(),
    ...range(0, name.length - 1).flatMap((i) => [
      `${name.slice(0, i)}~${name.slice(i + 1)}`,
      name.slice(0, i) + name.slice(i + 1),
      name.slice(0, i) + name.slice(i, i + 1).toUpperCase() + name.slice(i + 1),
    ]),
    `${name}x`,
    `x${name}`,
    `${name}.`,
    `.${name}`,
    `${name}.x`,
  ]);

/** A name of each length, and the same with one place changed. */
const pairsOfKeys = (): string[] =>
  range(0, 40).flatMap((length) => {
    const key = 'abcdefghij'.repeat(4).slice(0, length);
    return [
      `{"${key}":1,"${key}":2}`,
      ...range(0, length - 1).map((i) => `{"${key}":1,"${key.slice(0, i)}~${key.slice(i + 1)}":2}`),
      `{"${key}":1,"${key}k":2}`,
    ];
  });

function nested(): string[] {
  const depths = [1, 2, 15, 16, 17, 31, 32, 33, 61, 62, 63, 64, 65, 66, 67, 127, 128, 129];
  const ways: readonly ((level: number) => boolean)[] = [
    () => true,
    () => false,
    (level) => level % 2 === 0,
    (level) => level % 3 === 0,
  ];
  return depths.flatMap((depth) =>
    ways.flatMap((isObject) => {
      const levelsOf = range(1, depth);
      const open = levelsOf.map((level) => (isObject(level) ? '{"k":' : '[')).join('');
      const ends = levelsOf.reverse().map((level) => (isObject(level) ? '}' : ']'));
      const wrong = ends.with(0, ends[0] === '}' ? ']' : '}');
      const outer = ends.with(-1, ends.at(-1) === '}' ? ']' : '}');
      return [ends, wrong, outer].map((close) => `{"a":${open}1${close.join('')}}`);
    }),
  );
}

const tokens = ['{', '}', '[', ']', ':', ',', '"a"', '1', 'true', ' ', '\t', '\r'];
/** All short texts of tokens as the value of a member, and behind one. */
const texts = (): string[] => {
  const short = tokens.flatMap((one) => [
    one,
    ...tokens.flatMap((other) => [one + other, ...tokens.map((third) => one + other + third)]),
  ]);
  return short.flatMap((text) => [`{"k":${text}}`, `{"k":1${text}}`, `{${text}"k":1}`]);
};

const message = (text: string): string => JSON.stringify({ message: text });
const docker = (log: string, stream = 'stdout', time = '2026-11-20T09:15:02Z'): string =>
  `{"log":"${log}","stream":"${stream}","time":"${time}"}`;
const cri = (text: string, tag = 'F', time = '2026-11-20T09:15:02Z'): string => `${time} stdout ${tag} ${text}`;
const lengths = range(40, 80);

export const edges: Readonly<Record<string, () => Edges>> = {
  'times of lines': () => ({
    format: 'json',
    usual: message('usual'),
    lines: [
      ...times().map((time) => `{"time":"${time}","msg":"x"}`),
      ...epochs().flatMap((time) => [`{"ts":${time}}`, `{"ts":"${time}"}`]),
    ],
  }),
  'times of wrappers': () => ({
    format: 'cri',
    usual: cri('usual'),
    lines: times().map((time) => cri('text', 'F', time)),
  }),
  'times of the Docker driver': () => ({
    format: 'docker',
    usual: docker('usual\\n'),
    lines: [...times(), ...epochs().filter((time) => time.length > 18)].map((time) =>
      docker('text\\n', 'stderr', time),
    ),
  }),
  'sequences in text': () => ({
    format: 'raw',
    usual: 'usual',
    lines: sequences().map((bytes, i) => around('x', bytes, i % 3 === 0 ? '' : 'abc', i)),
  }),
  'sequences in JSON': () => ({
    format: 'json',
    usual: message('usual'),
    lines: sequences().flatMap((bytes, i) => [
      around('{"msg":"', bytes, '"}', i),
      around('{"k":{"', bytes, '":1}}', i),
      around('{"', bytes, '":1}', i),
    ]),
  }),
  'sequences in wrappers': () => ({
    format: 'docker',
    usual: docker('usual\\n'),
    lines: sequences().map((bytes, i) =>
      around('{"log":"', bytes, '\\n","stream":"stdout","time":"2026-11-20T09:15:02Z"}', i),
    ),
  }),
  'characters of JSON': () => ({
    format: 'json',
    usual: message('usual'),
    lines: strings().flatMap((text, i) => {
      const padded = 'x'.repeat(i % 17) + text;
      return [`{"msg":"${padded}"}`, `{"k":"${padded}y"}`, `{"${padded}":1}`];
    }),
  }),
  'characters in wrappers': () => ({
    format: 'docker',
    usual: docker('usual\\n'),
    lines: strings().flatMap((text, i) => [docker(`${'x'.repeat(i % 17)}${text}\\n`), docker(`x${text}`)]),
  }),
  'keys that mean something, and nearly': () => ({
    format: 'json',
    usual: message('usual'),
    lines: nearly([
      ...mappedKeys.map(({ key }) => key),
      'log',
      'error',
      'service',
      'fields',
      'host',
      'kubernetes',
      'ecs',
      'stream',
      'service.name',
      'log.file',
      'deployment_environment',
      'team',
    ]).flatMap((key) => ['"info"', '"2026-11-20T09:15:02Z"', '1', '{}'].map((value) => `{"${key}":${value},"z":1}`)),
  }),
  'keys of all lengths, twice or nearly': () => ({ format: 'json', usual: message('usual'), lines: pairsOfKeys() }),
  'levels, and nearly': () => ({
    format: 'json',
    usual: message('usual'),
    lines: nearly([...levels.keys()]).flatMap((level) => [`{"level":"${level}"}`, `{"level":${level}}`]),
  }),
  'two of each meaning': () => ({
    format: 'json',
    usual: message('usual'),
    lines: mappedKeys.flatMap((one) =>
      mappedKeys.flatMap((other) =>
        ['"info"', '"2026-11-20T09:15:02Z"', '30'].flatMap((value) =>
          ['"warn"', '1795000000000', 'null'].map((last) => `{"${one.key}":${value},"${other.key}":${last}}`),
        ),
      ),
    ),
  }),
  'numbers and words': () => ({
    format: 'json',
    usual: message('usual'),
    lines: [...numbers, ...brokenNumbers, ...words, ...brokenWords].flatMap((value) => [
      `{"k":${value}}`,
      `{"k":[${value}]}`,
      `{"k":${value} ,"l":${value}}`,
    ]),
  }),
  depths: () => ({ format: 'json', usual: message('usual'), lines: nested() }),
  tokens: () => ({ format: 'json', usual: message('usual'), lines: texts() }),
  'counts of members': () => ({
    format: 'json',
    usual: message('usual'),
    lines: range(100, 140).flatMap((count) =>
      ['', 'log.', 'error.'].map(
        (root) =>
          `{${range(1, count)
            .map((i) => `"${root}k${i}":${i}`)
            .join(',')}}`,
      ),
    ),
  }),
  'members of wrapped lines': () => ({
    format: 'cri',
    usual: cri(message('usual')),
    lines: [
      '{"stream":"x"}',
      '{"msg":"a","stream":1}',
      '{"stream":null,"msg":"a"}',
      '{"streams":1}',
      '{"stream.x":1}',
      '{"a":{"stream":1}}',
      '{}',
      '{ }',
      '{"time":1795000000}',
    ].flatMap((text) => [cri(text), cri(` ${text}`)]),
  }),
  tags: () => ({
    format: 'cri',
    usual: cri('usual'),
    lines: [
      'F',
      'P',
      'f',
      '',
      'FF',
      'F:',
      'F:a',
      'F,a',
      'P:a',
      ...range(55, 70).map((length) => `F:${'y'.repeat(length)}`),
    ].flatMap((tag) => ['text', '', ' ', '\t\r', ' \u00a0', 'x '].map((text) => cri(text, tag))),
  }),
  'parts of the Docker driver': () => ({
    format: 'docker',
    usual: docker('usual\\n'),
    lines: [
      '\\n',
      '\\r\\n',
      '\\r\\r\\n',
      ' \\n',
      'a\\nb\\n',
      'a\\n\\n',
      '\\\\n',
      '\\\\\\n',
      'a\\u000a',
      'a\\u000A',
      '\\t\\n',
      '\\u0000\\n',
      '',
      'a',
      'a\\r',
    ].flatMap((log) => ['stdout', 'stderr', 'stdin', ''].map((stream) => docker(log, stream))),
  }),
  'lengths of lines of text': () => ({
    maxLineBytes: 64,
    format: 'raw',
    usual: 'usual',
    lines: lengths.flatMap((length) =>
      ['x', ' ', '"', '\u00e9', '\r'].map((text) => text.repeat(length).slice(0, length)),
    ),
  }),
  'lengths of lines of JSON': () => ({
    maxLineBytes: 64,
    format: 'json',
    usual: message('usual'),
    lines: lengths.map((length) => message('x'.repeat(length - 14))),
  }),
  'lengths of wrapped lines': () => ({
    maxLineBytes: 64,
    format: 'cri',
    usual: cri('usual'),
    lines: lengths.map((length) => cri('x'.repeat(length - 30))),
  }),
  'keys of logfmt': () => ({
    format: 'cri',
    usual: cri('usual'),
    lines: [
      ...range(0, 70).flatMap((length) => [`${'k'.repeat(length)}=1 a=2`, `${' '.repeat(length)}k=1 a=2`]),
      ...range(33, 126).flatMap((code) => [
        `${String.fromCharCode(code)}=1 a=1`,
        `a${String.fromCharCode(code)}=1 a=1`,
      ]),
    ].map((text) => cri(text)),
  }),
};
