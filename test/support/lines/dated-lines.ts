import type { Random } from '../random.js';
import { mutate } from './mutation.js';
import { prose } from './texts.js';
import { oddTime, someMs } from './times.js';

const levels = ['INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR', 'WARNING', 'FATAL', 'TRACE', 'CRITICAL', 'SEVERE'];
const threads = ['main', 'http-nio-8080-exec-1', 'pool-1-thread-2', 'worker-7'];
const loggers = ['com.example.pay.Handler', 'c.e.App', 'org.x.Y$1', 'a.b_c', 'web.views'];
const starts = [
  'Started App in 3 s',
  'order 17 is paid',
  'Caf\u00e9 au lait',
  'GET /x took 3 ms',
  '17 rows',
  "can't say more",
  'x',
];

const clock = (ms: number, mark: string, zone: string): string =>
  new Date(ms)
    .toISOString()
    .slice(0, 23)
    .replace('T', zone === '' ? ' ' : 'T')
    .replace('.', mark) + zone;

/** As log4j, logback, Spring Boot and Python's logging write by default. */
export function usualDatedLine(random: Random): string {
  const time = random.oneIn(3)
    ? clock(someMs(random), '.', random.pick(['Z', '+01:00', '-0330']))
    : clock(someMs(random), random.pick([',', '.']), '');
  const level = random.pick(levels);
  const message = random.oneIn(2) ? random.pick(starts) : `done ${prose(random)}`;
  const [logger, thread] = [random.pick(loggers), random.pick(threads)];
  switch (random.below(7)) {
    case 0:
      return `${time} [${thread}] ${level.padEnd(5)} ${logger} - ${message}`;
    case 1:
      return `${time} ${level.padEnd(5)} [${thread}] ${logger}: ${message}`;
    case 2:
      return `${time} ${level.padStart(5)} ${random.between(1, 99_999)} --- [${thread.padStart(15)}] ${logger.padEnd(30)} : ${message}`;
    case 3:
      return `${clock(someMs(random), ',', '')} - ${logger} - ${level} - ${random.pick(starts)}`;
    case 4:
      return `${time} ${level} ${logger} - ${message}`;
    case 5:
      return `${time} ${level} [${thread}] ${random.pick(starts)}`;
    default:
      return `${time} ${level} ${random.pick(starts)}`;
  }
}

const tokens = [
  ...[
    '[main]',
    '[pid-17]',
    '[x]',
    '[a.b]',
    '[17]',
    '(main)',
    '<0.1.2>',
    '{a}',
    '[',
    ']',
    '[Thread 1]',
    '[main]:',
    '[INFO]',
    '[a-1.b-2]',
  ],
  ...[
    'INFO',
    'info',
    'Info',
    'I',
    'DEBUG1',
    'NOTE',
    'LOG',
    'INFO:',
    'INFO=',
    'WARN-x',
    'UTC',
    'EST',
    '+0100',
    '-',
    '--',
    '---',
    ':',
    '|',
    ',',
    '=',
  ],
  ...[
    'root',
    'main',
    'verb',
    'fail',
    'note',
    'a.b.C',
    'java.io.IOException',
    'a.SomeError:',
    'Foo.java:12',
    'main.go:17:',
    'x:',
    'a::b',
    'a.b',
    'a/b',
    "it's",
  ],
  ...[
    '17',
    '0',
    '1795000000',
    '09:15:02',
    '\u001b[32mINFO\u001b[0m',
    '\t',
    '  ',
    '"x"',
    'a=b',
    'key:value',
    'http://x.y/z',
    'x,',
    'x.',
    'caf\u00e9',
    '',
  ],
  ...[
    '- [main]',
    '1 --- [main]',
    '1 --- [ main] [x]',
    '[app,0af7651916cd43dd,b7ad6b7169203331] 1 --- [main]',
    'Caused by: x',
    '%SYS-5-X:',
    'host[1]:',
  ],
];

/** Nearly one: a token more, less or another, another time, or one thing changed. */
export function oddDatedLine(random: Random): string {
  const line = usualDatedLine(random);
  const kind = random.below(6);
  if (kind === 0) return mutate(random, Buffer.from(line)).toString('latin1').replaceAll('\n', ' ');
  if (kind === 1) return `${oddTime(random)} ${line.slice(random.between(19, 30))}`;
  const parts = line.split(/(?<=.{10} ?.{12}\S*) /);
  const at = random.below(parts.length + 1);
  const token = random.pick(tokens);
  if (kind === 2) parts.splice(at, 1);
  else if (kind === 3) parts.splice(at, 1, token);
  else parts.splice(at, 0, ...(random.oneIn(3) ? [token, random.pick(tokens)] : [token]));
  return parts.join(random.oneIn(8) ? '  ' : ' ');
}

/** Every token at every place of each layout. */
export function datedBorders(): string[] {
  const time = '2026-11-20 09:15:02,123';
  const layouts = [
    [time, '[pool-1-thread-2]', 'INFO', 'a.b.C', '-', 'order', '17'],
    [time, 'INFO', '[main]', 'a.b.C:', 'order', '17'],
    [time, 'INFO', '1', '---', '[main]', 'a.b.C', ':', 'order', '17'],
    [time, '-', 'web.views', '-', 'INFO', '-', 'order', '17'],
    [time, 'WARN', 'order', '17', 'is', 'paid'],
    ['2026-11-20T09:15:02.123456Z', 'ERROR', 'order', '17'],
  ];
  return layouts.flatMap((parts) =>
    parts.flatMap((_, i) => [
      parts.toSpliced(i, 1).join(' '),
      parts.slice(0, i + 1).join(' '),
      `${parts.slice(0, i + 1).join(' ')} `,
      `${parts.slice(0, i).join(' ')}  ${parts.slice(i).join(' ')}`,
      ...tokens.flatMap((token) => [
        parts.with(i, token).join(' '),
        parts.toSpliced(i, 0, token).join(' '),
        [...parts.slice(0, i), token].join(' '),
      ]),
    ]),
  );
}
