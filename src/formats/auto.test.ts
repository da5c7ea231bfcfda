import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidingLines } from './auto.js';
import { createParser } from './parser.js';
import { parseLines, recordOf, textOf } from './testing.js';

const open = (remembered = '') => createParser('auto', { timezone: 'UTC', remembered, maxGroupBytes: 1 << 20 });
const json = '{"level":"info","msg":"m"}';
const weakPairs = 'code=7 path=/x';
const times = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

test('before its first line a file is known as nothing', () => {
  assert.equal(open().format, 'auto');
});

test('a file is what most of its first lines are', () => {
  const parser = open();
  parseLines(parser, ['banner', json]);
  assert.equal(parser.format, 'auto:raw');
  parseLines(parser, [json]);
  assert.equal(parser.format, 'auto:json');
});

test('what was decided stays through text in between, and through a restart', () => {
  const parser = open();
  parseLines(parser, times(decidingLines, json));
  parseLines(parser, times(decidingLines - 1, '    at frame'));
  parseLines(parser, [json]);
  parseLines(parser, times(decidingLines - 1, '    at frame'));
  assert.equal(parser.format, 'auto:json');
  const again = open(parser.format);
  parseLines(again, times(decidingLines - 1, '    at frame'));
  assert.equal(again.format, 'auto:json');
});

test('so many lines in a row that are something else open the question again', () => {
  const parser = open('auto:json');
  parseLines(parser, times(decidingLines, 'words'));
  assert.equal(parser.format, 'auto:json');
  parseLines(parser, ['words']);
  assert.equal(parser.format, 'auto:raw');
});

test('a JSON line is one, whatever the file is known as', () => {
  for (const remembered of ['auto:raw', 'auto:logfmt', 'auto:cri', 'auto:docker', 'raw']) {
    assert.equal(parseLines(open(remembered), [json]).records[0]?.message, 'm', remembered);
  }
});

test('weak pairs are read in a file that is known for logfmt, and nowhere else', () => {
  const member = { key: 'path', json: '"/x"' };
  assert.deepEqual(parseLines(open('auto:logfmt'), [weakPairs]).records[0]?.members[1], member);
  assert.deepEqual(parseLines(open('auto:raw'), [weakPairs]).records[0]?.members, []);
});

test('a memory of a format that does not exist is no memory', () => {
  assert.equal(open('auto:toString').format, 'auto');
});

test('a part of a split line is text and says nothing of the file', () => {
  const parser = open();
  for (const [index, line] of [
    [1, json],
    [3, 'level=info msg=m'],
  ] as const) {
    const record = recordOf(line, 0, { offset: 0, index, last: true });
    assert.equal(parser.parse(record), 'record');
    assert.deepEqual([record.message, record.members, textOf(record)], [undefined, [], line]);
  }
  assert.equal(parser.format, 'auto');
});

test('an object that was shipped before its line end came is read all the same', () => {
  const record = recordOf(json, 0, { offset: 0, index: 0, last: false });
  open().parse(record);
  assert.equal(record.message, 'm');
});
