import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCursor, sampleFile } from '../../test/faults/checkpoints-samples.js';
import { readCursor, readFile, readLedger } from './reading.js';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('files and cursors come back equal', () => {
  const file = sampleFile(7);
  assert.deepEqual(readFile(throughJson(file)), file);
  const cursor = { ...sampleCursor(900, { deadLettered: 100, leftOut: 30, dropped: 7 }), lineStart: 850, part: 3 };
  assert.deepEqual(readCursor(throughJson(cursor)), cursor);
});

test('a file that lacks a member, or has one of another type or range, is refused', () => {
  const file = sampleFile(7);
  for (const name of Object.keys(file)) {
    assert.equal(readFile({ ...file, [name]: undefined }), undefined, name);
    assert.equal(readFile({ ...file, [name]: null }), undefined, name);
    assert.equal(readFile({ ...file, [name]: { length: 1 } }), undefined, name);
  }
  for (const wrong of [
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 53 },
    { inode: '12x' },
    { fileId: '../x' },
    { path: '' },
  ])
    assert.equal(readFile({ ...file, ...wrong }), undefined, JSON.stringify(wrong));
});

test('a cursor that lacks a member, or has one of another type or range, is refused', () => {
  const cursor = sampleCursor(900);
  for (const name of Object.keys(cursor)) assert.equal(readCursor({ ...cursor, [name]: undefined }), undefined, name);
  for (const name of Object.keys(cursor.ledger))
    assert.equal(readCursor({ ...cursor, ledger: { ...cursor.ledger, [name]: '5' } }), undefined, name);
  assert.equal(readCursor({ ...cursor, lineStart: -2 }), undefined);
});

test('a cursor whose ledger does not add up to its offset is refused', () => {
  assert.equal(readCursor({ ...sampleCursor(900), offset: 901 }), undefined);
});

test('what is no object is refused without throwing', () => {
  for (const data of [null, undefined, 1, 'x', [], true]) {
    assert.equal(readFile(data), undefined);
    assert.equal(readCursor(data), undefined);
    assert.equal(readLedger(data), undefined);
  }
});

test('members that a file only inherits do not count', () => {
  const data: unknown = JSON.parse(`{"__proto__":${JSON.stringify(sampleFile(7))}}`);
  assert.equal(readFile(data), undefined);
});

test('a range above the cursor comes back equal; one that makes no sense is left out, and the cursor stays', () => {
  const ledger = { delivered: 40, deadLettered: 5, leftOut: 5, dropped: 0 };
  const ahead = { start: 2000, offset: 2050, anchor: 'beef', anchorLength: 64, lineStart: -1, part: 0, ledger };
  const cursor = sampleCursor(900);
  assert.deepEqual(readCursor(throughJson({ ...cursor, ahead })), { ...cursor, ahead });
  for (const wrong of [
    { start: 899 },
    { start: 2051 },
    { start: undefined },
    { offset: 2051 },
    { lineStart: -2 },
    { ledger: { ...ledger, delivered: 41 } },
    { anchor: 7 },
  ])
    assert.deepEqual(readCursor(throughJson({ ...cursor, ahead: { ...ahead, ...wrong } })), cursor);
  assert.deepEqual(readCursor({ ...cursor, ahead: null }), cursor);
});
