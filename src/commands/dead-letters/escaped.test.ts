import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escaped, escapedJson } from './escaped.js';

const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

test('control characters are shown as their numbers, the rest stays', () => {
  assert.equal(escaped('a\u001b[2J\tb\r\n\u009b\u202e\u2028ü€😀'), 'a\\x1b[2J\\tb\\r\\n\\x9b\\u{202e}\\u{2028}ü€😀');
  assert.equal(escaped('abcdef', 3), 'abc…');
});

test('nothing that a terminal obeys is left of any text, and JSON stays the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.ok(!hostile.test(escaped(text)));
      const json = escapedJson(JSON.stringify({ text }));
      assert.ok(!hostile.test(json));
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});
