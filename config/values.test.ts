import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Parsed } from './values.js';
import { parseDuration, parseFlag, parseInteger, parseListen, parseSize, parseTimezone, parseUrl } from './values.js';

const value = <T>(parsed: Parsed<T>): T => {
  assert.ok('value' in parsed, JSON.stringify(parsed));
  return parsed.value;
};
const hint = (parsed: Parsed<unknown>): string | undefined => {
  assert.ok('problem' in parsed, JSON.stringify(parsed));
  return parsed.suggestion;
};

test('a duration is digits with one of five units, or 0', () => {
  const forms = { '0': 0, '0s': 0, '250ms': 250, '5s': 5000, '2m': 120_000, '24h': 86_400_000, '7d': 604_800_000 };
  for (const [text, ms] of Object.entries(forms)) assert.equal(value(parseDuration(text)), ms, text);
});

test('a size is digits with a unit; KB counts thousands, KiB 1024', () => {
  const forms = {
    '0B': 0,
    '512B': 512,
    '1KB': 1000,
    '1KiB': 1024,
    '10MB': 1e7,
    '64MiB': 67_108_864,
    '1GB': 1e9,
    '1GiB': 1_073_741_824,
  };
  for (const [text, bytes] of Object.entries(forms)) assert.equal(value(parseSize(text)), bytes, text);
});

test('nothing negative, fractional, hexadecimal, exponential or endless is a number', () => {
  const wrong = ['', '-1', '+1', '1.5', '0x10', '1e3', ' 1', '1_000', '١', 'NaN', 'Infinity', '9'.repeat(400)];
  for (const text of wrong) {
    for (const parsed of [parseInteger(text), parseSize(`${text}B`), parseDuration(`${text}s`)]) {
      assert.ok('problem' in parsed, text);
    }
  }
  for (const parsed of [parseDuration('00x0s'), parseSize('5'), parseSize('0'), parseDuration('5')])
    assert.ok('problem' in parsed);
});

test('a number whose unit is not ours is answered with what was meant', () => {
  assert.equal(hint(parseDuration('25')), 'did you mean 25s?');
  assert.equal(hint(parseDuration('5 S')), 'did you mean 5s?');
  assert.equal(hint(parseDuration('5min')), 'did you mean 5m?');
  assert.equal(hint(parseDuration('5 seconds')), 'did you mean 5s?');
  assert.equal(hint(parseSize('10')), 'did you mean 10B?');
  assert.equal(hint(parseSize('10mb')), 'did you mean 10MB?');
  assert.equal(hint(parseSize('10 MiB')), 'did you mean 10MiB?');
  assert.equal(hint(parseSize('10Mi')), 'did you mean 10MiB?');
  assert.equal(hint(parseSize('10M')), 'did you mean 10MiB?');
  assert.match(hint(parseSize('ten')) ?? '', /write digits and a unit/);
});

test('a flag is true or false, and what people write instead is understood', () => {
  assert.equal(value(parseFlag('true')), true);
  assert.equal(value(parseFlag('false')), false);
  assert.equal(hint(parseFlag('yes')), 'did you mean true?');
  assert.equal(hint(parseFlag('False')), 'did you mean false?');
  assert.equal(hint(parseFlag('maybe')), undefined);
});

test('a URL is http or https, credentials included, and stays as it was written', () => {
  for (const url of ['http://localhost:9200', 'https://u:p@host/path?x=1', 'HTTP://[::1]:9200/']) {
    assert.equal(value(parseUrl(url)), url);
  }
  for (const url of [
    'localhost:9200',
    'ftp://host',
    'http://',
    'http:host',
    'http:\\\\host',
    'https://h\n',
    '//host',
    'http://a:99999',
  ]) {
    assert.ok('problem' in parseUrl(url), url);
  }
});

test('an address to listen on is host:port, :port, [::]:port or off', () => {
  assert.deepEqual(value(parseListen('0.0.0.0:9600')), { host: '0.0.0.0', port: 9600 });
  assert.deepEqual(value(parseListen('localhost:0')), { host: 'localhost', port: 0 });
  assert.deepEqual(value(parseListen(':9600')), { host: '0.0.0.0', port: 9600 });
  assert.deepEqual(value(parseListen('[::]:9600')), { host: '::', port: 9600 });
  assert.equal(value(parseListen('off')), undefined);
  for (const text of [
    '9600',
    '',
    'host',
    'host:',
    'host:70000',
    ':::9600',
    '[]:1',
    '[1.2.3.4]:1',
    '1.2.3:1',
    'a b:1',
    'h:0x1',
    'OFF',
  ]) {
    assert.ok('problem' in parseListen(text), text);
  }
  assert.equal(hint(parseListen('9600')), 'did you mean :9600?');
});

test('a time zone is one that the runtime knows', () => {
  assert.equal(value(parseTimezone('Europe/Berlin')), 'Europe/Berlin');
  assert.ok('problem' in parseTimezone('Europe/Nowhere'));
});

test('the names of UTC are known without a formatter, which costs 8 MB, and only those that it would know', (t) => {
  const names = ['UTC', 'GMT', 'Zulu', 'utc', 'Etc/UTC', 'Etc/GMT', 'Etc/Zulu'];
  for (const timeZone of names) assert.doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone }), timeZone);
  const { mock } = t.mock.method(Intl, 'DateTimeFormat');
  for (const name of names) assert.equal(value(parseTimezone(name)), name);
  assert.equal(mock.callCount(), 0);
  assert.equal(value(parseTimezone('Europe/Berlin')), 'Europe/Berlin');
  assert.equal(mock.callCount(), 1);
});

test('what a person may write as a quantity is read exactly, up to 2^53', () => {
  const units = fc.constantFrom('ms', 's', 'm', 'h', 'd');
  fc.assert(
    fc.property(fc.nat(), units, (count, unit) => {
      const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
      const parsed = parseDuration(`${count}${unit}`);
      const exact = BigInt(count) * BigInt(factor);
      if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) assert.deepEqual(parsed, { value: Number(exact) });
      else assert.ok('problem' in parsed);
    }),
  );
});

test('no text makes a parser throw or yield a number that is negative or not whole', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      for (const parse of [parseDuration, parseSize, parseInteger]) {
        const parsed = parse(text);
        if ('value' in parsed) assert.ok(Number.isSafeInteger(parsed.value) && parsed.value >= 0);
      }
      parseFlag(text);
      parseUrl(text);
      parseListen(text);
      parseTimezone(text);
    }),
  );
});
