import { mappedKeys } from '../../../src/formats/members/mapping.js';
import type { Random } from '../random.js';
import { deepValue, gap, jsonText, jsonValue } from './json-values.js';
import { prose } from './texts.js';
import { oddEpoch, oddTime, usualEpoch, usualTime } from './times.js';

const usualLevels = ['trace', 'debug', 'info', 'info', 'warn', 'error', 'fatal'];
const message = (random: Random): string => JSON.stringify(prose(random));
const level = (random: Random): string => `"${random.pick(usualLevels)}"`;
const id = (random: Random): string => random.text('0123456789abcdef', 16);

/** One line each of loggers that people use. */
export const loggers: Readonly<Record<string, (random: Random) => string>> = {
  pino: (random) =>
    `{"level":${random.between(1, 6)}0,"time":${usualEpoch(random).slice(0, 10)}123,"pid":${random.below(9999)},"hostname":"web-1","reqId":"${id(random)}","msg":${message(random)}}`,
  bunyan: (random) =>
    `{"name":"pay","hostname":"web-1","pid":17,"level":${random.between(1, 6)}0,"msg":${message(random)},"time":"${usualTime(random)}","v":0}`,
  winston: (random) =>
    `{"level":${level(random)},"message":${message(random)},"meta":{"id":"${id(random)}","n":[1,2,{"a":null}]},"timestamp":"${usualTime(random)}"}`,
  zap: (random) =>
    `{"level":${level(random)},"ts":${usualEpoch(random)},"caller":"go/main.go:${random.below(999)}","msg":${message(random)},"took":${random.below(1e6) / 1000}}`,
  slog: (random) =>
    `{"time":"${usualTime(random)}","level":"${random.pick(['DEBUG', 'INFO', 'WARN', 'ERROR'])}","msg":${message(random)},"id":"${id(random)}"}`,
  logrus: (random) =>
    `{"level":"${random.pick(['info', 'warning', 'panic'])}","msg":${message(random)},"time":"${usualTime(random)}","size":${random.below(99)}}`,
  zerolog: (random) =>
    `{"level":${level(random)},"id":"${id(random)}","time":${usualEpoch(random)},"message":${message(random)}}`,
  logback: (random) =>
    `{"@timestamp":"${usualTime(random)}","@version":"1","message":${message(random)},"logger_name":"a.b.C","thread_name":"main","level":"INFO","level_value":20000}`,
  ecs: (random) =>
    `{"@timestamp":"${usualTime(random)}","log.level":${level(random)},"message":${message(random)},"ecs.version":"8.10.0","service.name":"pay","log.logger":"a.B","error.type":"E","process.thread.name":"main","trace.id":"${id(random)}"}`,
  spring: (random) =>
    `{"@timestamp":"${usualTime(random)}","log":{"level":${level(random)},"logger":"a.b.C"},"process":{"pid":${random.below(99)},"thread":{"name":"main"}},"service":{"version":"1","node":{}},"message":${message(random)},"ecs":{"version":"8.11"}}`,
  unmapped: (random) =>
    `{"ts":${usualEpoch(random)},"level":${level(random)},"service":"pay","env":"prod","host":"web-1","error":"boom","msg":${message(random)}}`,
  traced: (random) =>
    `{"level":${level(random)},"time":"${usualTime(random)}","trace_id":"${id(random)}${id(random)}","spanId":"${id(random)}","flags":"01","msg":${message(random)}}`,
  cloud: (random) =>
    `{"severity":"${random.pick(['INFO', 'NOTICE', 'CRITICAL'])}","timestamp":"${usualTime(random)}","message":${message(random)},"labels":{"a":"b"}}`,
};
const loggerNames = Object.keys(loggers);

export const loggerLine = (random: Random): string => loggers[random.pick(loggerNames)]!(random);

const mappedNames = mappedKeys.map(({ key }) => key);
const mapped = ['@timestamp', 'timestamp', 'time', 'ts', 'level', 'severity', 'lvl', 'log.level', 'message', 'msg'];
const reserved = [
  ...[
    'log',
    'error',
    'service',
    'fields',
    'host',
    'kubernetes',
    'ecs',
    'stream',
    'team',
    'event',
    'a.b',
    'log.file',
    'log.offset',
    'log.part',
    'log.logger',
  ],
  ...[
    'error.message',
    'service.name',
    'fields.x',
    'host.name',
    '@timestamp.x',
    'message.x',
    'message.',
    '.message',
    '.',
    '',
    '..',
    'ecs.version',
    'stream.x',
  ],
  ...[
    '__proto__',
    'constructor',
    'Level',
    'MESSAGE',
    'logs',
    'errors',
    'messages',
    'tim',
    'times',
    'lo',
    'log ',
    ' log',
    'timestamq',
    'severitz',
  ],
];

const roots = ['log', 'error', 'service', 'host', 'kubernetes', 'ecs', 'fields', 'team', 'message', '@timestamp'];
const under = [
  'name',
  'version',
  'level',
  'file',
  'offset',
  'part',
  'message',
  'type',
  'pod',
  'namespace',
  'x',
  'x.y',
  '',
  'é',
  'a b',
];

const rootNames = new Set(roots.map((name) => `"${name}"`));

/** A line that is nothing but what meets the agent's own names. */
function rootedLine(random: Random): string {
  const few = random.oneIn(3) ? ['log', 'service'] : roots;
  const names = random.oneIn(3) ? ['level', 'name', 'logger'] : under;
  const value = (name: string): string =>
    name === 'level' ? level(random) : random.pick(['1', '"x"', '{"a":1}', '[]', '{}', 'null']);
  const members = Array.from({ length: random.between(1, 5) }, (): string => {
    const root = random.pick(few);
    const name = random.pick(names);
    const inner = Array.from({ length: random.below(3) }, () => random.pick(names)).map(
      (key) => `"${key}":${value(key)}`,
    );
    return random.pick([
      `"${root}.${name}":${value(name)}`,
      `"${root}":{${inner.join(',')}}`,
      `"${root}":${value('')}`,
      `"level":${level(random)}`,
      `"k${random.below(9)}":{"level":"info"}`,
    ]);
  });
  return `{${members.join(',')}}`;
}

/** A key with its quotes. */
function key(random: Random): string {
  const kind = random.below(10);
  if (kind < 3) return `"${random.pick(random.oneIn(6) ? mappedNames : mapped)}"`;
  if (kind === 3) {
    const root = `"${random.pick(roots)}`;
    return random.pick([`"${random.pick(reserved)}"`, `${root}"`, `${root}.${random.pick(under)}"`]);
  }
  // Around the borders of a hash by 8 and 16 bytes; few letters, so that some come twice and others differ in one place.
  if (kind < 7) return `"${random.text('ab', 1)}${random.text('x', random.below(40))}${random.text('ab', 1)}"`;
  if (kind === 7)
    return `"${random.text('x', random.below(9))}${random.text('a.', random.below(3))}${random.text('é日', random.below(4))}"`;
  return kind === 8 ? jsonText(random) : `"k${random.below(200)}"`;
}

const oddLevels = [
  ...[
    '"INFO"',
    '"Warning"',
    '"ERR"',
    '"emergency"',
    '"DPANIC"',
    '"notice"',
    '"silly"',
    '"verbose"',
    '30',
    '"30"',
    '60',
    '"CRITICAL"',
    '"Panic"',
    '"alert"',
  ],
  ...[
    '35',
    '0',
    '30.0',
    '" info"',
    '"info "',
    '"[info]"',
    '"\\u001b[32minfo\\u001b[39m"',
    '"i\\u006efo"',
    '"ınfo"',
    '"INFORMATION"',
    '""',
    'null',
    'true',
  ],
  ...[
    '{"level":"info"}',
    '["info"]',
    '"informationinformation"',
    '"emergencyemergenc"',
    '-30',
    '3e1',
    '"\u212A"',
    '"WARN\u0130NG"',
    '"@nfo"',
    '"[nfo"',
  ],
];

/** An object as a line may have it at one of the agent's roots: of names that the agent sets, or has a place for, or not. */
function rootedObject(random: Random, depth: number, gaps: number): string {
  const space = (): string => gap(random, gaps);
  const members = Array.from({ length: random.below(random.oneIn(9) ? 140 : 5) }, (_, i) => {
    const name = i > 5 ? `"k${i}"` : random.oneIn(6) ? key(random) : `"${random.pick(under)}"`;
    const isNested = depth > 0 && random.oneIn(5);
    const value = i > 5 ? String(i) : isNested ? rootedObject(random, depth - 1, gaps) : valueFor(random, name, gaps);
    return `${space()}${name}${space()}:${space()}${value}${space()}`;
  });
  return `{${members.join(',')}${members.length === 0 ? space() : ''}}`;
}

function valueFor(random: Random, name: string, gaps: number): string {
  if (rootNames.has(name) && random.oneIn(2)) return rootedObject(random, 2, gaps);
  if (random.oneIn(8)) return jsonValue(random, 3, gaps);
  if (/time|ts/.test(name)) {
    const kind = random.below(6);
    if (kind === 0) return usualEpoch(random);
    if (kind === 1) return oddEpoch(random);
    if (kind === 2) return `"${oddTime(random)}"`;
    if (kind === 3)
      return random.oneIn(3)
        ? `{"seconds":${random.between(1e8, 2e9)},"nanos":${random.below(1e9)}}`
        : `"${oddEpoch(random)}"`;
    return `"${usualTime(random)}"`;
  }
  if (/level|severity|lvl/.test(name))
    return random.oneIn(2) ? `"${random.pick(usualLevels)}"` : random.pick(oddLevels);
  if (/message|msg/.test(name)) return random.oneIn(10) ? jsonValue(random, 1, gaps) : jsonText(random);
  return random.oneIn(40) ? deepValue(random) : jsonValue(random, 4, gaps);
}

const idNames = mappedKeys.filter(({ becomes }) => becomes === 'trace' || becomes === 'span').map(({ key }) => key);

/** The value of a member that may be the id of a trace: mostly one, else of another form, length or kind. */
export function someId(random: Random): string {
  if (random.oneIn(2)) return `"${random.text('0123456789abcdef', random.pick([16, 32]))}"`;
  const hex = random.text(
    random.pick(['0', '0aF', '0123456789abcdefABCDEF', '0g-']),
    random.pick([8, 15, 16, 17, 31, 32, 33]),
  );
  return random.pick([
    `"${hex}"`,
    `"\\u0030${hex.slice(1)}"`,
    '"0af76519-16cd-43dd-8448-eb211c80319c"',
    '"xxxxxxxx-16cd-43dd-8448-eb211c80319c"',
    '"projects/pay/traces/0af7651916cd43dd8448eb211c80319c"',
    `${random.below(1e9)}`,
    `"${random.below(1e9)}"`,
    '""',
    'null',
    '{"id":"0af7651916cd43dd"}',
  ]);
}

/** A line of ids, several of them for one thing. */
function tracedLine(random: Random): string {
  const few = random.oneIn(2) ? ['trace_id', 'traceId', 'spanId', 'dd.trace_id'] : idNames;
  const members = Array.from({ length: random.between(1, 5) }, () => {
    const name = random.oneIn(6)
      ? random.pick(['trace', 'trace.id', 'span', 'span.id', 'msg', 'trace.x'])
      : random.pick(few);
    return `"${name}":${random.oneIn(9) ? `"${random.pick(usualLevels)}"` : someId(random)}`;
  });
  return `{${members.join(',')}}`;
}

/** An object of any members: names that mean something or nearly, values of every kind, white space where it may be. */
export function oddObject(random: Random): string {
  if (random.oneIn(4)) return rootedLine(random);
  if (random.oneIn(10)) return tracedLine(random);
  const gaps = random.pick([0, 0, 3, 8, 40]);
  const space = (): string => gap(random, gaps);
  const count = random.oneIn(150) ? random.pick([126, 127, 128, 129, 130]) : random.below(random.oneIn(10) ? 30 : 9);
  const isWide = count > 100;
  // Once in a while all of them lie under the agent's roots.
  const isRooted = random.oneIn(10);
  const members: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const name = isWide
      ? `"${isRooted ? 'log.' : ''}k${i}"`
      : isRooted
        ? `"${random.pick(roots)}${random.oneIn(3) ? '' : `.${random.pick(under)}`}"`
        : key(random);
    members.push(`${space()}${name}${space()}:${space()}${isWide ? '1' : valueFor(random, name, gaps)}${space()}`);
  }
  const line = `${space()}{${members.join(',')}${count === 0 ? space() : ''}}${space()}`;
  return random.oneIn(60)
    ? random.pick([`${line},`, `${line}${line}`, `[${line}]`, line.slice(0, -1), `${line}x`, `\ufeff${line}`])
    : line;
}
