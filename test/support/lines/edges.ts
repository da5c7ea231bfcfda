import { levels } from '../../../src/formats/levels.js';
import { mappedKeys } from '../../../src/formats/members/mapping.js';
import { conventionLines } from './convention-edges.js';
import { accessBorders } from './access-lines.js';
import { around, sequences, specials, strings } from './edge-bytes.js';
import { datedBorders } from './dated-lines.js';
import { nearly, nested, pairsOfKeys, shortTexts } from './edge-objects.js';
import { epochs, times } from './edge-times.js';
import { brokenNumbers, brokenWords, numbers, words } from './json-values.js';
import { plainBorders } from './plain-edges.js';
import { range } from './range.js';

/** Lines just within and just beyond a rule. */
export interface Edges {
  readonly format: 'raw' | 'json' | 'cri' | 'docker' | 'access' | 'text';
  /** A line like them that is surely for the kernel. */
  readonly usual: string;
  /** Some are parts of a line, which make the line behind them one, too. */
  readonly hasParts?: true;
  /** 64 KiB when it is left out. */
  readonly maxLineBytes?: number;
  readonly lines: readonly (string | Buffer)[];
}

const message = (text: string): string => JSON.stringify({ message: text });
const docker = (log: string, stream = 'stdout', time = '2026-11-20T09:15:02Z'): string =>
  `{"log":"${log}","stream":"${stream}","time":"${time}"}`;
const cri = (text: string, tag = 'F', time = '2026-11-20T09:15:02Z'): string => `${time} stdout ${tag} ${text}`;
const usualAccess = '192.0.2.1 - - [20/Nov/2026:09:15:02 +0000] "GET / HTTP/1.1" 200 7 "-" "curl/8.5"';
/** Names of one rank are alike to the kernel. */
const onePerRank = mappedKeys.filter(
  ({ becomes, rank }, i) => mappedKeys.findIndex((other) => other.becomes === becomes && other.rank === rank) === i,
);
const idValues = [
  ...range(14, 38).flatMap((length) => [`"${'0a'.repeat(20).slice(0, length)}"`, `"${'0'.repeat(length)}"`]),
  ...Array.from('/:@G`g- ', (character) => `"0af765191${character}cd43dd"`),
  ...['0', 'null', '[]', '{"id":1}', '"0AF7651916CD43DD"', '"000000000000000F"', '"\\u0030af7651916cd43d"'],
];
const usualDated = '2026-11-20 09:15:02,123 INFO [main] a.b.C - order 17';
const lengths = range(40, 80);

/** As long as the times that a wrapper has. */
const longEpochs = (): string[] => epochs().filter((time) => time.length > 18);

/** Lists by what they are about. */
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
    usual: cri('usual text'),
    lines: [...times(), ...longEpochs()].map((time) => cri('text', 'F', time)),
  }),
  'times of the Docker driver': () => ({
    format: 'docker',
    usual: docker('usual text\\n'),
    lines: [...times(), ...longEpochs()].map((time) => docker('text\\n', 'stderr', time)),
  }),
  'specials at each place of text': () => ({ format: 'raw', usual: 'usual', lines: specials() }),
  'specials at each place of JSON': () => ({
    format: 'json',
    usual: message('usual'),
    lines: specials().flatMap((text) => [message(text), `{"k":"${text.replace(/"/g, '')}"}`]),
  }),
  'specials at each place in wrappers': () => ({
    format: 'docker',
    usual: docker('usual text\\n'),
    lines: specials().map((text) => docker(JSON.stringify(`${text}\n`).slice(1, -1))),
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
    usual: docker('usual text\\n'),
    lines: sequences().map((bytes, i) =>
      around('{"log":"', bytes, '\\n","stream":"stdout","time":"2026-11-20T09:15:02Z"}', i),
    ),
  }),
  'characters of JSON': () => ({
    format: 'json',
    usual: message('usual'),
    lines: strings().flatMap((text, i) => {
      const padded = 'x'.repeat(i % 37) + text + 'y'.repeat(i % 41);
      return [`{"msg":"${padded}"}`, `{"k":"${padded}y"}`, `{"${padded}":1}`];
    }),
  }),
  'characters in wrappers': () => ({
    hasParts: true,
    format: 'docker',
    usual: docker('usual text\\n'),
    lines: strings().flatMap((text, i) => [
      docker(`${'x'.repeat(i % 37)}${text}${'y'.repeat(i % 41)}\\n`),
      docker(`x${text}`),
    ]),
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
    lines: onePerRank.flatMap((one) =>
      onePerRank.flatMap((other) =>
        ['"info"', '"2026-11-20T09:15:02Z"', '30'].flatMap((value) =>
          ['"warn"', '1795000000000', 'null'].map((last) => `{"${one.key}":${value},"${other.key}":${last}}`),
        ),
      ),
    ),
  }),
  'ids of traces': () => ({
    format: 'json',
    usual: message('usual'),
    lines: nearly(['trace_id', 'spanId', 'trace.id', 'trace', 'span', 'dd.trace_id', 'mdc.traceId']).flatMap((key) =>
      idValues.flatMap((value) => [
        `{"${key}":${value}}`,
        `{"msg":"x","${key}":${value},"traceid":"0af7651916cd43dd","z":1}`,
        `{"trace_id":${value},"${key}":"0af7651916cd43dd8448eb211c80319c","x-b3-spanid":"b7ad6b7169203331"}`,
      ]),
    ),
  }),
  'conventions of loggers': () => ({ format: 'json', usual: message('usual'), lines: conventionLines }),
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
  tokens: () => ({ format: 'json', usual: message('usual'), lines: shortTexts() }),
  'counts of members': () => ({
    format: 'json',
    usual: message('usual'),
    lines: [...range(100, 140), 150, 200, 300, 400, 511, 512, 513, 2000].flatMap((count) =>
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
    hasParts: true,
    format: 'cri',
    usual: cri('usual text'),
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
    hasParts: true,
    format: 'docker',
    usual: docker('usual text\\n'),
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
    usual: cri('usual text'),
    lines: lengths.map((length) => cri('x'.repeat(length - 30))),
  }),
  'what shows nothing of a format, and nearly': () => ({
    format: 'cri',
    usual: cri('usual text'),
    lines: plainBorders().map((text) => cri(text)),
  }),
  'fields of access logs': () => ({ format: 'access', usual: usualAccess, lines: accessBorders() }),
  'fields of access logs in wrappers': () => ({
    format: 'cri',
    usual: cri(usualAccess),
    lines: accessBorders().map((text) => cri(text)),
  }),
  'parts of a header behind a time': () => ({ format: 'text', usual: usualDated, lines: datedBorders() }),
  'times before a header': () => ({
    format: 'text',
    usual: usualDated,
    lines: times().map((time) => `${time} INFO order 17`),
  }),
  'keys of logfmt': () => ({
    format: 'cri',
    usual: cri('usual text'),
    lines: [
      ...range(0, 70).flatMap((length) => [
        `${'k'.repeat(length)}=1 level=info msg=x`,
        `${' '.repeat(length)}k=1 level=info msg=x`,
      ]),
      ...range(33, 126).flatMap((code) => [
        `${String.fromCharCode(code)}=1 level=info msg=x`,
        `a${String.fromCharCode(code)}=1 level=info msg=x`,
      ]),
    ].map((text) => cri(text)),
  }),
};
