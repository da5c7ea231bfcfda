import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRecord, type Level } from '../types/record.js';
import { markedLevels, markOf, markOfLines, Readings } from './marks.js';

const marksOf = (...records: readonly (readonly [level: Level | undefined, format: string])[]): Uint8Array =>
  Uint8Array.from(records, ([level, format]) => markOf({ ...newRecord(), end: 1, level, format }));

test('records count by whether a format read them, and by level where somebody asks', () => {
  const levels = new Float64Array(markedLevels.length);
  const readings = new Readings(levels);
  const marks = marksOf(['error', 'json'], [undefined, ''], [undefined, 'json'], ['fatal', 'klog'], ['trace', 'json']);
  readings.add(marks, 0, 4);
  assert.deepEqual([readings.records, readings.parsed], [4, 3]);
  assert.deepEqual(
    markedLevels.map((level, number) => [level, levels[number]]).filter(([, count]) => count !== 0),
    [
      ['none', 2],
      ['error', 1],
      ['fatal', 1],
    ],
  );
  readings.add(marks, 4, 5);
  assert.equal(levels[markedLevels.indexOf('trace')], 1);
});

test('of lines that the kernel took it is known only whether they are of a format', () => {
  const readings = new Readings();
  readings.add(Uint8Array.of(markOfLines(true), markOfLines(true), markOfLines(false)), 0, 3);
  assert.deepEqual([readings.records, readings.parsed], [3, 2]);
});

test('a record made of no bytes of the file, a summary, does not count', () => {
  const readings = new Readings(new Float64Array(markedLevels.length));
  readings.add(Uint8Array.of(markOf({ ...newRecord(), start: 7, end: 7, level: 'warn' })), 0, 1);
  assert.deepEqual([readings.records, readings.parsed], [0, 0]);
});
