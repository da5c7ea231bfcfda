import type { Random } from '../random.js';
import { jsonValue } from './json-values.js';
import { oddTime, usualTime } from './times.js';

/** As the container runtimes write it; `odd`: in ways that they might, or nearly do. */
export function criLine(random: Random, payload: string, odd: boolean): string {
  const stream = random.pick(['stdout', 'stderr']);
  if (!odd) return `${usualTime(random)} ${stream} F ${payload}`;
  const time = random.oneIn(3) ? oddTime(random) : usualTime(random);
  const tags = [
    'F',
    'F',
    'F',
    'P',
    'P',
    'F:x',
    'F:',
    'P:a',
    'FP',
    'f',
    '',
    'X',
    `F:${random.text('y', random.between(58, 66))}`,
  ];
  const tag = random.pick(tags);
  const names = [
    stream,
    stream,
    stream,
    stream,
    stream,
    stream,
    'stdin',
    'stdou',
    'STDOUT',
    `${stream} `,
    ` ${stream}`,
    '',
  ];
  const end = random.pick([' ', ' ', ' ', ' ', '  ', '', '\t']);
  return `${time} ${random.pick(names)} ${tag}${end}${random.oneIn(6) ? random.pick(['', ' ', '\t ', '\r']) : payload}`;
}

/** As Docker's json-file driver writes it; `odd`: with other members, other orders, parts of lines. */
export function dockerLine(random: Random, payload: string, odd: boolean): string {
  const stream = random.pick(['stdout', 'stderr']);
  const log = JSON.stringify(`${payload}\n`);
  const usual = `{"log":${log},"stream":"${stream}","time":"${usualTime(random)}"}`;
  if (!odd) return usual;
  const kind = random.below(14);
  if (kind === 0) return `{"log":${JSON.stringify(payload)},"stream":"${stream}","time":"${usualTime(random)}"}`;
  if (kind === 1)
    return `{"log":${JSON.stringify(random.pick(['\n', '\r\n', ' \n', 'a\nb\n', 'a\n\n', '\\\n', 'x\r\n', '\r\r\n', '']))},"stream":"${stream}","time":"${usualTime(random)}"}`;
  if (kind === 2) return `{"log":${log},"stream":"${stream}","time":"${oddTime(random)}"}`;
  if (kind === 3)
    return `{"log":${log},"stream":"${stream}","attrs":${jsonValue(random, 2, 4)},"time":"${usualTime(random)}"}`;
  if (kind === 4) return `{"stream":"${stream}","log":${log},"time":"${usualTime(random)}"}`;
  if (kind === 5)
    return `{"log":${log},"stream":"${random.pick(['stdin', 'std', '', 'stdoutx', 'stderrr'])}","time":"${usualTime(random)}"}`;
  if (kind === 6)
    return `{"log":${log.slice(0, -3)}${random.pick(['\\u000a', '\\u000A', '\\\\n', '\\n\\n', '\\r\\n', '\\r', 'n'])}","stream":"${stream}","time":"${usualTime(random)}"}`;
  if (kind === 7) return usual.replace(/[",:}]/, () => random.pick([' ', '"', '', '}']));
  if (kind === 8) return `${random.pick([' ', '', '\t'])}${usual.replaceAll('":', '": ')}`;
  if (kind === 9) return `${usual.slice(0, -1)},"x":1}`;
  if (kind === 10) return `{"log":"${escapedWhole(payload)}\\n","stream":"${stream}","time":"${usualTime(random)}"}`;
  if (kind === 11) return `{"log":${log}}`;
  return usual;
}

/** Every code unit as an escape. */
function escapedWhole(text: string): string {
  let escaped = '';
  for (let i = 0; i < text.length && i < 40; i += 1)
    escaped += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
}
