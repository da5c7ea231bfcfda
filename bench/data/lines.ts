import type { Draw } from './random.js';

/** Places for a record's number near its start and near its end, and for the time of its writing in live cases. The sink looks for them. */
export const headMark = '~q0000000000';
export const tailMark = '~z0000000000';
export const timeMark = '~t0000000000000000000';

/** The kinds of logs that the benchmarks ship. */
export const formats = ['raw', 'json', 'nginx', 'cri', 'cri-json', 'multibyte', 'traces'] as const;
export type DataFormat = (typeof formats)[number];

export interface LineShape {
  /** Bytes of a line without its end; drawn evenly between the two. What does not fit (a line has a least length) is longer. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** Whether lines have a place for the time of their writing. */
  readonly timed: boolean;
}

/** One record: what stands in the file (a CRI record can have several lines), and the text that an agent must deliver. */
export interface Made {
  readonly file: string;
  readonly text: string;
}

const words =
  'order payment accepted for customer after retry of upstream call with status cache miss in shard queue depth above limit session renewed token expired user profile loaded from replica batch committed in slow query plan chosen index scan lock released by worker connection pool exhausted waiting for slot request finished'.split(
    ' ',
  ) as [string, ...string[]];
const strange = ['"order \\ 12"', 'C:\\temp\\x', 'a\ttab', '"quoted"'] as const;
const foreign = [
  'paiement accepté',
  'größer als erwartet',
  '订单已付款',
  '注文が完了しました',
  'заказ оплачен',
  '🚚 shipped',
  '결제 완료',
] as const;
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
  'curl/8.9.1',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
] as const;
const levels = ['info', 'info', 'info', 'info', 'debug', 'warn', 'error'] as const;
const services = ['checkout', 'cart', 'payments', 'search'] as const;
const paths = ['/api/orders', '/api/cart/items', '/api/search', '/static/app.js', '/healthz'] as const;
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Makes records of a format, one after the other; time goes on from record to record. */
export function lineMaker(format: DataFormat, shape: LineShape, draw: Draw): () => Made {
  let millis = Date.UTC(2026, 10, 20, 9, 15, 2, 123);
  return () => {
    millis += draw.between(0, 9);
    const moment: Moment = {
      draw,
      shape,
      bytes: draw.between(shape.leastBytes, shape.mostBytes),
      time: new Date(millis),
    };
    if (format === 'cri' || format === 'cri-json')
      return wrapped(format === 'cri' ? raw(moment) : json(moment), moment);
    const text = makers[format](moment);
    return { file: `${text}\n`, text };
  };
}

interface Moment {
  readonly draw: Draw;
  readonly shape: LineShape;
  readonly bytes: number;
  readonly time: Date;
}

const makers: Readonly<Record<Exclude<DataFormat, 'cri' | 'cri-json'>, (moment: Moment) => string>> = {
  raw,
  json,
  nginx,
  multibyte: (moment) => raw(moment, foreign, 0.4),
  traces,
};

/** Words up to a length in bytes. */
function prose(draw: Draw, bytes: number, special: readonly [string, ...string[]], share: number): string {
  const parts: string[] = [];
  let length = -1;
  // One look for all words: most lines of an application have nothing to escape.
  const withSpecial = draw.chance(share);
  while (length < bytes) {
    const word = withSpecial && draw.chance(0.15) ? draw.of(special) : draw.of(words);
    parts.push(word);
    length += Buffer.byteLength(word) + 1;
  }
  return parts.join(' ');
}

const sent = (shape: LineShape, before: string, after = '') => (shape.timed ? `${before}${timeMark}${after}` : '');

function raw(moment: Moment, special: readonly [string, ...string[]] = strange, share = 0.05): string {
  const { draw, shape, time, bytes } = moment;
  const stamp = time.toISOString().replace('T', ' ').replace('.', ',').slice(0, 23);
  const level = draw.of(levels).toUpperCase().padEnd(5);
  const start = `${stamp} ${level} [worker-${draw.between(1, 16)}] ${draw.of(services)}.Handler ${headMark} `;
  const end = ` user=${draw.between(1000, 99999)}${sent(shape, ' sent=')} ${tailMark}`;
  return start + prose(draw, bytes - Buffer.byteLength(start + end), special, share) + end;
}

function json(moment: Moment): string {
  const { draw, shape, time, bytes } = moment;
  const build = (message: string) =>
    `{"time":"${time.toISOString()}","level":"${level}","msg":${JSON.stringify(message)},"request":"${headMark}","service":"${service}",` +
    `"http":{"method":"GET","path":"${path}","status":${status}},"ms":${ms},"user":{"id":${user},"admin":false}${sent(shape, ',"sent":"', '"')},"trace":"${tailMark}"}`;
  const level = draw.of(levels);
  const service = draw.of(services);
  const path = draw.of(paths);
  const status = draw.of([200, 200, 200, 201, 404, 500]);
  const ms = draw.between(1, 9999) / 10;
  const user = draw.between(1000, 99999);
  return build(prose(draw, bytes - Buffer.byteLength(build('')), strange, 0.05));
}

function nginx({ draw, shape, time, bytes }: Moment): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${two(time.getUTCDate())}/${months[time.getUTCMonth()] ?? ''}/${time.getUTCFullYear()}:${time.toISOString().slice(11, 19)} +0000`;
  const start = `10.${draw.between(0, 255)}.${draw.between(0, 255)}.${draw.between(1, 254)} - - [${date}] "GET ${draw.of(paths)}/${headMark}?q=`;
  const end = ` HTTP/1.1" ${draw.of([200, 200, 200, 304, 404])} ${draw.between(120, 90_000)} "https://shop.example/?ref=${tailMark}${sent(shape, '&s=')}" "${draw.of(agents)}"`;
  const query = prose(draw, Math.max(0, bytes - Buffer.byteLength(start + end)), ['x'], 0).replaceAll(' ', '+');
  return start + query + end;
}

/** Lines of Java stack traces, each a record of its own (nothing joins them here). */
function traces(moment: Moment): string {
  const { draw, shape } = moment;
  if (draw.chance(0.08)) return raw(moment);
  const frame = `\tat com.example.${draw.of(services)}.${draw.of(['Handler', 'Service', 'Repository'])}$$Lambda/0x${draw.hex(12)}`;
  const name = draw.of(['process', 'lambda$call$0', '<init>', 'invokeSuspend']);
  // Java itself writes `~[app.jar:…]`, but the tilde is what the sink looks for.
  return `${frame}.${name}(${headMark}.java:${draw.between(10, 999)}) [app-1.4.${draw.between(0, 40)}.jar:${draw.hex(8)}]${sent(shape, ' ')} ${tailMark}`;
}

/** A container runtime's line; one of fifty records comes in two parts, as a runtime splits what is longer than its buffer. */
function wrapped(text: string, { draw, time }: Moment): Made {
  const stamp = `${time.toISOString().slice(0, -1)}${String(draw.between(0, 999_999)).padStart(6, '0')}Z`;
  const stream = draw.chance(0.9) ? 'stdout' : 'stderr';
  if (!draw.chance(0.02)) return { file: `${stamp} ${stream} F ${text}\n`, text };
  // Between the marks, and not inside one or inside a character.
  const middle = text.indexOf(headMark) + headMark.length + 8;
  return {
    file: `${stamp} ${stream} P ${text.slice(0, middle)}\n${stamp} ${stream} F ${text.slice(middle)}\n`,
    text,
  };
}
