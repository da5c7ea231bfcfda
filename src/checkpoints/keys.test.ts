import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cursorKey, fileKey, forgottenKey, parseKey, schemaKey } from './keys.js';

const fileId = '0123456789abcdef01234567';

test('every key that is made is read as what it was made of', () => {
  assert.deepEqual(parseKey(schemaKey), { kind: 'schema' });
  assert.deepEqual(parseKey(fileKey(fileId)), { kind: 'file', fileId });
  assert.deepEqual(parseKey(cursorKey('es-2', fileId)), { kind: 'cursor', output: 'es-2', fileId });
  assert.deepEqual(parseKey(forgottenKey('audit')), { kind: 'forgotten', output: 'audit' });
});

test('no other text is a key', () => {
  const others = ['', 'file', 'file/', `file/${fileId}/x`, `file/${fileId}0`, `cursor/${fileId}`, `cursor/A/${fileId}`];
  for (const text of [
    ...others,
    `cursor/es/${fileId}/`,
    'meta/',
    'meta/forgotten',
    'meta/forgotten/es/x',
    'meta/schema/x',
  ])
    assert.equal(parseKey(text), undefined, text);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseKey(text) === undefined));
});
