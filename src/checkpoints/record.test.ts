import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRecord, encodeRecord, schemaVersion } from './record.js';
import type { Migration } from './record.js';

const key = 'cursor/es/0123456789abcdef01234567';

test('a record comes back as it was stored, whatever text is in it', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), (path, offset) => {
      const decoded = decodeRecord(key, encodeRecord(key, { path, offset }));
      assert.deepEqual(decoded, { kind: 'read', data: { path, offset }, version: schemaVersion });
    }),
  ));

test('a record with any one character changed, or under another key, is bad', () =>
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 127 }), (place, change) => {
      const text = encodeRecord(key, { offset: 1234 });
      const at = place % text.length;
      const broken = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ change) + text.slice(at + 1);
      assert.equal(decodeRecord(key, broken).kind, 'bad');
      const otherKey = key.slice(0, -1) + String.fromCharCode(key.charCodeAt(key.length - 1) ^ change);
      assert.equal(decodeRecord(otherKey, text).kind, 'bad');
    }),
  ));

test('a record that was cut off anywhere is bad', () => {
  const text = encodeRecord(key, { offset: 1234 });
  for (let length = 0; length < text.length; length++)
    assert.equal(decodeRecord(key, text.slice(0, length)).kind, 'bad');
});

test('any text at all is read without throwing', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, text) => {
      assert.equal(decodeRecord(key, text).kind, 'bad');
    }),
  ));

test('a record of a later version is told from a damaged one', () => {
  const text = encodeRecord(key, { anything: true }, schemaVersion + 4);
  assert.deepEqual(decodeRecord(key, text), { kind: 'newer', version: schemaVersion + 4 });
  assert.equal(decodeRecord(key, text.replace('true', 'null')).kind, 'bad');
});

test('a record of an older version goes through the migrations that it lacks, in their order', () => {
  const addStep =
    (name: string): Migration =>
    (_key, data) =>
      [data, name].flat();
  const steps = [addStep('1 to 2'), addStep('2 to 3'), addStep('3 to 4')];
  assert.deepEqual(decodeRecord(key, encodeRecord(key, 'v2', 2), steps), {
    kind: 'read',
    data: ['v2', '2 to 3', '3 to 4'],
    version: 2,
  });
  assert.deepEqual(decodeRecord(key, encodeRecord(key, 'v4', 4), steps), { kind: 'read', data: 'v4', version: 4 });
});

test('a migration that throws makes its record bad, and nothing else', () => {
  const steps = [
    () => {
      throw new Error('no offset');
    },
  ];
  assert.deepEqual(decodeRecord(key, encodeRecord(key, {}, 1), steps), { kind: 'bad', reason: 'no offset' });
});
