import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskText, maskUrl, printable, quote } from './mask.js';

test('a URL is shown without its credentials and its query', () => {
  assert.equal(maskUrl('https://elastic:hunter2@es:9200/x'), 'https://****@es:9200/x');
  assert.equal(maskUrl('https://es:9200/_bulk?token=hunter2'), 'https://es:9200/_bulk?****');
  assert.equal(maskUrl('https://es:9200'), 'https://es:9200');
});

test('a password with unescaped "@", "/" or "?" is masked as a whole', () => {
  for (const password of ['p@ss', 'a/b@c', '1?x', 'a#b']) {
    const shown = maskUrl(`http://user:${password}@host/path`);
    assert.equal(shown, 'http://****@host/path');
  }
});

test('URLs inside of other text are masked, and a value is masked before it is cut short', () => {
  assert.equal(maskText('see http://u:p@h or http://x'), 'see http://****@h or http://x');
  assert.equal(maskText('u:p@h:9200 a@b c?d'), '****@h:9200 a@b c?d');
  const long = quote(`http://user:${'s'.repeat(200)}@host`);
  assert.equal(long, '"http://****@host"');
  assert.ok(quote('x'.repeat(1000)).length < 100);
});

test('what is printed holds no control, escape or direction character', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
      assert.ok(!/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(printable(String.fromCharCode(...units))));
    }),
  );
  assert.equal(printable('a\u001b[31m\nb'), 'a\\u{1b}[31m\\u{a}b');
});
