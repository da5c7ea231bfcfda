import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLinear } from '../../linear-regex.js';
import { redactionNames } from '../../types/redaction-names.js';
import { lookAlikes, planted } from '../../../test/support/secrets.js';
import { Redactor } from './redactor.js';
import { keyedHash, mask } from './replacement.js';

const redactor = new Redactor({ kinds: redactionNames, patterns: new Map(), replace: mask });
const patterns = async (texts: Readonly<Record<string, string>>) =>
  new Map(
    await Promise.all(Object.entries(texts).map(async ([name, text]) => [name, await compileLinear(text)] as const)),
  );

test('every planted secret is replaced by its kind', () => {
  const left: string[] = [];
  for (const { kind, line, secret } of planted) {
    const redacted = redactor.any(line);
    if (redacted.includes(secret) || !redacted.includes(`[redacted:${kind}]`)) left.push(`${line} -> ${redacted}`);
  }
  assert.deepEqual(left, []);
  assert.equal(planted.length, 200);
});

test('no look-alike is touched', () => {
  assert.deepEqual(
    lookAlikes.map((line) => redactor.any(line)),
    lookAlikes,
  );
  assert.equal(lookAlikes.length, 200);
});

test('JSON stays JSON: a number becomes text, escapes hide nothing, the rest is as it was', () => {
  const cases = [
    ['{"a":4111111111111111,"b":[4111111111111111, 2]}', '{"a":"[redacted:cards]","b":["[redacted:cards]", 2]}'],
    ['{"m":"\\u0065ve\\u0040example.com\\u00e9 x"}', '{"m":"[redacted:email] x"}'],
    ['{"m":"\\n4111 1111 1111 1111\\n"}', '{"m":"\\n[redacted:cards]\\n"}'],
    ['{"m":"\\nli.wei@example.com\\t"}', '{"m":"\\n[redacted:email]\\t"}'],
    ['{"authorization":"Token abcdef0123"}', '{"authorization":"Token [redacted:auth]"}'],
    ['{"n":4.111111111111111e15}', '{"n":"[redacted:cards]"}'],
    ['{"n":"x","eve@example.com":1}', '{"n":"x","[redacted:email]":1}'],
  ] as const;
  for (const [json, expected] of cases) assert.equal(redactor.json(json), expected);
});

test('bytes that are no UTF-8 stay what they are', () => {
  const bytes = Buffer.from([0xff, 0x20, ...Buffer.from('eve@example.com'), 0x20, 0xc3]);
  assert.deepEqual(redactor.bytes(bytes), Buffer.from([0xff, 0x20, ...Buffer.from('[redacted:email]'), 0x20, 0xc3]));
  assert.equal(redactor.bytes(Buffer.from('nothing')), undefined);
});

test('a hash is the same for equal values, whatever their form, and another for another key', () => {
  const hashed = new Redactor({ kinds: redactionNames, patterns: new Map(), replace: keyedHash('k'.repeat(16)) });
  const other = new Redactor({ kinds: redactionNames, patterns: new Map(), replace: keyedHash('l'.repeat(16)) });
  assert.match(hashed.text('Eve@Example.com'), /^\[email:[a-p]{16}\]$/);
  assert.equal(hashed.text('Eve@Example.com'), hashed.text('eve@example.com'));
  assert.equal(hashed.text('4111 1111 1111 1111'), hashed.text('4111111111111111'));
  assert.notEqual(hashed.text('eve@example.com'), other.text('eve@example.com'));
  assert.notEqual(hashed.text('eve@example.com'), hashed.text('eva@example.com'));
  assert.equal(hashed.text(hashed.text('a eve@example.com')), hashed.text('a eve@example.com'));
});

test('own patterns are found in texts, beside others, and not in what they have written', async () => {
  const own = new Redactor({
    kinds: ['email'],
    patterns: await patterns({ ticket: 'TCK-[0-9]+', word: 'r\\w+' }),
    replace: mask,
  });
  const once = own.text('TCK-12 of eve@example.com is ready');
  assert.equal(once, '[redacted:ticket] of [redacted:email] is [redacted:word]');
  assert.equal(own.text(once), once);
  assert.equal(own.bytes(Buffer.from('größe TCK-1'))?.toString(), 'größe [redacted:ticket]');
});

test('what only looks like a replacement is redacted like anything else', () => {
  assert.equal(redactor.text('[redacted:eve@example.com]'), '[redacted:[redacted:email]]');
});

test('only the kinds that were chosen are replaced', () => {
  const cards = new Redactor({ kinds: ['cards'], patterns: new Map(), replace: mask });
  assert.equal(cards.text('eve@example.com 4111111111111111'), 'eve@example.com [redacted:cards]');
});

test('a private key that came as several records is known by its ends and its full lines', () => {
  const line = 'MIIEpAIBAAKCAQEA7y1q0mJ8VvXb2u3Zq5T9cWkR4fD6hJ0sL2nP8rT5vX1zB3aa';
  assert.equal(line.length, 64);
  assert.equal(redactor.text(line), '[redacted:keys]');
  const begin = `-----BEGIN PRIVATE KEY-----`;
  assert.equal(redactor.text(`key: ${begin}\nabc+/=\n`), 'key: [redacted:keys]');
  assert.equal(redactor.text(`abcd12==\n-----END PRIVATE KEY-----`), '[redacted:keys]');
});

const textLength = 800_000;

test('the time it takes is linear in the text, for texts that are nothing but beginnings of secrets', () => {
  const seeds = [
    'eyJ',
    'a@',
    '1.',
    ':a',
    '::',
    'AKIA',
    'ghp_',
    'xoxb-',
    'Bearer ',
    '://a:',
    '4111 ',
    '-----BEGIN ',
    'secret_access_key=',
    '\\u0040',
    '[redacted:',
    'basic a',
  ];
  for (const seed of seeds) {
    // In quadratic time this takes hours, and the test runner ends it.
    const text = seed.repeat(Math.ceil(textLength / seed.length));
    redactor.any(text);
    redactor.json(`{"${text}":"${text}"}`);
  }
});
