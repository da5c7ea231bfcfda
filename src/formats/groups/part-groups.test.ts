import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createParser } from '../parser.js';
import { copyOf, parseLines, recordOf, textOf, timeOf } from '../testing.js';

const open = (maxGroupBytes = 1 << 20, format = 'cri') =>
  createParser(format, { timezone: 'UTC', remembered: '', maxGroupBytes });
const line = (stream: string, tag: string, payload: string, second = 0): string =>
  `2026-11-21T00:00:0${second}Z ${stream} ${tag} ${payload}`;

test('the parts of a group, joined, are the payload, however it was cut and whatever came between', () => {
  const payload = fc
    .uint8Array({ minLength: 1, maxLength: 60 })
    .map((bytes) => bytes.map((byte) => (byte === 10 ? 11 : byte)));
  const piece = fc.record({ stream: fc.constantFrom('stdout', 'stderr'), payload, isPartial: fc.boolean() });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parser = open(1 << 20, 'auto');
      const whole = new Map([
        ['stdout', ''],
        ['stderr', ''],
      ]);
      const expected: string[] = [];
      const lines = pieces.map(({ stream, payload: bytes, isPartial }) => {
        const joined = `${whole.get(stream) ?? ''}${Buffer.from(bytes).toString('hex')}`;
        if (!isPartial && !isBlank(joined)) expected.push(joined);
        whole.set(stream, isPartial ? joined : '');
        return Buffer.concat([Buffer.from(line(stream, isPartial ? 'P' : 'F', '')), bytes]);
      });
      const { records } = parseLines(parser, lines);
      assert.deepEqual(
        records.map((record) => record.text.toString('hex')),
        expected,
      );
      const left = [...whole.values()].filter((joined) => joined !== '').length;
      const flushed = Array.from({ length: left + 1 }, () => parser.flush(recordOf(''), Infinity));
      assert.deepEqual(flushed, [...Array.from({ length: left }, () => true), false]);
    }),
  );
});

/** As hex: white space only. */
const isBlank = (hex: string): boolean => /^(?:20|09|0a|0b|0c|0d)*$/.test(hex);

test('an open group shows where it starts, until it is closed', () => {
  const parser = open();
  const first = line('stdout', 'P', 'a');
  parseLines(parser, [first]);
  assert.equal(parser.openStart, 0);
  const second = recordOf(line('stderr', 'P', 'b'), first.length + 1);
  assert.equal(parser.parse(second), 'open');
  assert.equal(parser.openStart, 0);
  assert.equal(parser.parse(recordOf(line('stdout', 'F', 'c'), second.end)), 'record');
  assert.equal(parser.openStart, second.start);
});

test('flush closes the oldest group as it is, with its own range, time and payload', () => {
  const parser = open();
  const lines = [line('stderr', 'P', '{"msg":', 1), line('stdout', 'P', 'out', 2), line('stderr', 'P', '"m"}', 3)];
  parseLines(parser, lines);
  const record = recordOf('stale', 999, { offset: 0, index: 4, last: true });
  record.members = [{ key: 'stale', json: '1' }];
  record.errorMessage = 'stale';
  assert.ok(parser.flush(record, Infinity));
  const closed = copyOf(record);
  assert.deepEqual([textOf(closed), closed.message, closed.part], ['{"msg":"m"}', 'm', undefined]);
  assert.deepEqual(
    [closed.start, closed.end, timeOf(closed)],
    [0, lines.join('\n').length + 1, '2026-11-21T00:00:01.000Z'],
  );
  assert.deepEqual([closed.members, closed.errorMessage], [[{ key: 'stream', json: '"stderr"' }], undefined]);
  assert.ok(parser.flush(record, Infinity));
  assert.equal(textOf(record), 'out');
  assert.ok(!parser.flush(record, Infinity));
});

test('reset forgets: what was open is read again from its start', () => {
  const parser = open();
  const lines = [line('stdout', 'P', 'a'), line('stdout', 'P', 'b')];
  parseLines(parser, lines);
  parser.reset();
  assert.equal(parser.openStart, Infinity);
  assert.deepEqual(parseLines(parser, [...lines, line('stdout', 'F', 'c')]).records.map(textOf), ['abc']);
});

test('a group that reaches its limit is closed as it is, and the rest goes on as its own', () => {
  for (const last of ['F', 'P']) {
    const parser = open(6);
    const parts = ['abc', 'def', 'ghi', 'jkl', 'm'].map((payload, i) =>
      line('stdout', i === 4 ? last : 'P', payload, i),
    );
    const { records, answers } = parseLines(parser, parts);
    assert.deepEqual(answers, ['open', 'record', 'open', 'record', last === 'F' ? 'record' : 'open']);
    assert.deepEqual(records.map(textOf), last === 'F' ? ['abcdef', 'ghijkl', 'm'] : ['abcdef', 'ghijkl']);
    const lineBytes = (parts[0]?.length ?? 0) + 1;
    assert.deepEqual(records.map(({ start }) => start).slice(0, 2), [0, 2 * lineBytes]);
  }
});

test('the oldest group pins nothing for ever: endless parts come out in bounded pieces', () => {
  const parser = open(1000);
  const { records } = parseLines(
    parser,
    Array.from({ length: 500 }, () => line('stdout', 'P', 'x'.repeat(100))),
  );
  assert.equal(records.length, 50);
  assert.ok(records.every((record) => record.text.length === 1000));
});

test('a record that a group gave stays as it is until the next call', () => {
  const parser = open();
  parseLines(parser, [line('stdout', 'P', 'one ')]);
  const record = recordOf(line('stdout', 'F', 'two'));
  parser.parse(record);
  assert.equal(textOf(record), 'one two');
  parseLines(parser, [line('stdout', 'P', 'three '), line('stdout', 'P', 'four')]);
  const flushed = recordOf('');
  parser.flush(flushed, Infinity);
  assert.equal(textOf(flushed), 'three four');
});

test('parts of the usual 16 KiB are joined byte for byte', () => {
  const parser = open();
  const parts = Array.from({ length: 20 }, (_, part) => `${part}-`.repeat(5461).slice(0, 16_384));
  const lines = parts.map((part, index) => line('stdout', index === 19 ? 'F' : 'P', part));
  assert.deepEqual(parseLines(parser, lines).records.map(textOf), [parts.join('')]);
});

test('a part of a line that was too long for one record is not joined to a group', () => {
  const parser = open();
  parseLines(parser, [line('stdout', 'P', 'open ')]);
  const first = recordOf(line('stdout', 'P', 'long'), 100, { offset: 100, index: 0, last: false });
  const second = recordOf('rest of it', 200, { offset: 100, index: 1, last: true });
  assert.deepEqual([parser.parse(first), textOf(first), first.start], ['record', 'long', 100]);
  assert.deepEqual([parser.parse(second), textOf(second), second.errorMessage], ['record', 'rest of it', undefined]);
  assert.deepEqual(parseLines(parser, [line('stdout', 'F', 'end')]).records.map(textOf), ['open end']);
});

test('a later part of a split line is text, whatever it looks like; the first one is unwrapped when it is whole', () => {
  const docker = '{"log":"x\\n","stream":"stdout","time":"2026-11-21T00:00:01Z"}';
  for (const [format, text] of [
    ['cri', line('stdout', 'F', 'x')],
    ['docker', docker],
    ['auto', docker],
    ['auto', line('stdout', 'F', 'x')],
  ] as const) {
    const first = recordOf(text, 0, { offset: 0, index: 0, last: false });
    const later = recordOf(text, 100, { offset: 0, index: 1, last: true });
    const parser = open(100, format);
    assert.deepEqual([parser.parse(first), textOf(first)], ['record', 'x']);
    assert.deepEqual([parser.parse(later), textOf(later), later.errorMessage], ['record', text, undefined]);
  }
});
