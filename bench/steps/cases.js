// The lines of `bench/steps.js`, and what is set for each of its cases.

/** Numbers that are the same each time. Source: Tommy Ettinger, mulberry32. */
function draws(seed) {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * below);
  };
}

const words =
  'order payment accepted for customer after retry of upstream call with status cache miss in shard queue depth above limit session renewed token expired user profile loaded from replica batch committed slow query plan chosen'.split(
    ' ',
  );
const levels = ['info', 'info', 'info', 'info', 'debug', 'warn', 'error'];
const blockLines = 4000;
const firstMs = Date.UTC(2026, 10, 20, 9, 15, 2, 123);

/** A block of lines, each by a function of what changes from line to line. */
function block(line) {
  const draw = draws(1);
  const one = (list) => list[draw(list.length)];
  const prose = (count) => Array.from({ length: count }, () => one(words)).join(' ');
  let ms = firstMs;
  return Array.from({ length: blockLines }, (_, i) => {
    ms += draw(10);
    return `${line({ i, draw, one, prose, level: one(levels), time: new Date(ms).toISOString() })}\n`;
  }).join('');
}

const plain = ({ draw, prose }) => `checkout ${prose(25)} order ${draw(99_999)} took ${draw(999)} ms ${prose(10)}`;
const json = ({ draw, prose, level, time, one }) =>
  JSON.stringify({
    time,
    level,
    msg: prose(18),
    service: one(['checkout', 'cart', 'search']),
    http: { method: 'GET', path: `/api/orders/${draw(9999)}`, status: one([200, 200, 404, 500]) },
    ms: draw(9999) / 10,
    user: { id: draw(99_999), admin: false },
    trace_id: `0af7651916cd43dd8448eb21${(0x10000000 + draw(0x7fffffff)).toString(16).slice(0, 8)}`,
  });
const clock = (time) => `${time.slice(0, 10)} ${time.slice(11, 23).replace('.', ',')}`;
const dated = ({ draw, prose, level, time }) =>
  `${clock(time)} ${level.toUpperCase().padEnd(5)} [worker-${draw(16)}] com.example.pay.Handler - ${prose(25)}`;
const access = ({ draw, prose, time, one }) =>
  `10.0.${draw(256)}.${draw(256)} - - [20/Nov/2026:${time.slice(11, 19)} +0000] "GET /api/orders/${draw(9999)}?q=${prose(6).replaceAll(' ', '+')} HTTP/1.1" ` +
  `${one([200, 200, 304, 404, 502])} ${draw(90_000)} "https://shop.example/cart" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"`;
const logfmt = ({ draw, prose, level, time }) =>
  `time=${time} level=${level} msg="${prose(18)}" order=${draw(9999)} took=${draw(999)}ms path=/api/orders`;
const klog = ({ draw, prose, time, level }) =>
  `${level[0].toUpperCase().replace('D', 'I')}1120 ${time.slice(11, 23)}456    ${draw(99)} handler.go:${draw(400)}] ${prose(25)}`;
const syslog = ({ draw, prose, time }) => `<134>1 ${time} web-1 pay ${draw(999)} ID47 - ${prose(25)}`;
const cri = (inner) => (moment) => `${moment.time.slice(0, -1)}456789Z stdout F ${inner(moment)}`;
const docker = (inner) => (moment) =>
  JSON.stringify({ log: `${inner(moment)}\n`, stream: 'stdout', time: `${moment.time.slice(0, -1)}456789Z` });

/** Of fifty lines one is a Java exception, which brings its trace. */
const trace = Array.from(
  { length: 12 },
  (_, i) => `\tat com.example.pay.Handler$$Lambda.call(Handler.java:${i + 100}) ~[app.jar:1.4]`,
).join('\n');
const traced = (moment) =>
  moment.i % 50 === 0
    ? `${dated(moment)}\njava.lang.IllegalStateException: ${moment.prose(5)}\n${trace}\nCaused by: java.io.IOException: closed\n${trace}`
    : dated(moment);

export const kinds = Object.fromEntries(
  Object.entries({
    plain,
    json,
    dated,
    access,
    logfmt,
    klog,
    syslog,
    traced,
    'cri plain': cri(plain),
    'cri json': cri(json),
    'cri access': cri(access),
    'docker json': docker(json),
  }).map(([name, line]) => [name, () => block(line)]),
);

const off = { PANNIER_MULTILINE: 'off' };
const each = (setting, value) => ({ ...off, PANNIER_FORMAT: 'json', [`PANNIER_${setting}`]: value });
const allOff = Object.fromEntries(
  ['MIN_LEVEL', 'FILTER', 'SAMPLE', 'THROTTLE', 'DEDUPE', 'DROP_FIELDS', 'RENAME_FIELDS', 'REDACT'].map((name) => [
    `PANNIER_${name}`,
    'off',
  ]),
);

/** `slow`: lines become objects, so that less data is enough. `known`: an older build can be asked, too. */
export const cases = [
  { name: 'text, nothing on', kind: 'plain', settings: { ...off, PANNIER_FORMAT: 'raw' }, known: true },
  { name: 'text, multiline', kind: 'plain', settings: { PANNIER_FORMAT: 'raw' } },
  { name: 'text, detection', kind: 'plain', settings: off, known: true },
  { name: 'text, detection and multiline', kind: 'plain', settings: {} },
  { name: 'JSON, nothing on', kind: 'json', settings: { ...off, PANNIER_FORMAT: 'json' }, known: true },
  { name: 'JSON, detection and multiline', kind: 'json', settings: {} },
  { name: 'access log', kind: 'access', settings: {} },
  { name: 'access log as text', kind: 'access', settings: { ...off, PANNIER_FORMAT: 'raw' }, known: true },
  { name: 'dated text', kind: 'dated', settings: {} },
  { name: 'dated text, not joined', kind: 'dated', settings: off },
  { name: 'dated text with stack traces', kind: 'traced', settings: {}, slow: true },
  { name: 'logfmt', kind: 'logfmt', settings: {}, slow: true },
  { name: 'klog', kind: 'klog', settings: {}, slow: true },
  { name: 'syslog', kind: 'syslog', settings: {}, slow: true },
  { name: 'CRI with text', kind: 'cri plain', settings: {} },
  { name: 'CRI with JSON', kind: 'cri json', settings: {} },
  { name: 'CRI with an access log', kind: 'cri access', settings: {} },
  { name: 'Docker with JSON', kind: 'docker json', settings: {} },
  { name: 'each step off', kind: 'json', settings: { ...off, PANNIER_FORMAT: 'json', ...allOff } },
  { name: 'MIN_LEVEL', kind: 'json', settings: each('MIN_LEVEL', 'debug'), slow: true },
  { name: 'FILTER', kind: 'json', settings: each('FILTER', 'level >= info or http.status >= 500'), slow: true },
  { name: 'SAMPLE', kind: 'json', settings: each('SAMPLE', '90%'), slow: true },
  { name: 'THROTTLE', kind: 'json', settings: each('THROTTLE', '1000000/s by service'), slow: true },
  { name: 'DEDUPE', kind: 'json', settings: each('DEDUPE', 'on'), slow: true },
  { name: 'DROP_FIELDS', kind: 'json', settings: each('DROP_FIELDS', 'user.admin,ms'), slow: true },
  { name: 'RENAME_FIELDS', kind: 'json', settings: each('RENAME_FIELDS', 'http.path=url.path'), slow: true },
  { name: 'REDACT', kind: 'json', settings: each('REDACT', 'all'), slow: true },
  {
    name: 'REDACT of text',
    kind: 'plain',
    settings: { ...off, PANNIER_FORMAT: 'raw', PANNIER_REDACT: 'all' },
    slow: true,
  },
];
