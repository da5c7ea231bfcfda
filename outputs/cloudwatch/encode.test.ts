import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { DocumentWriter } from '../../src/kernel/document.js';
import { writeItem } from '../../src/kernel/item.js';
import { Slot } from '../../src/kernel/slot.js';
import type { SendItems } from '../../src/types/batch.js';
import { readPutLogEvents } from '../../test/support/cloudwatch-rules.js';
import { recordOf, testFile } from '../../test/support/items.js';
import { itemLayouts, RequestBody, type Shape } from './encode.js';

const timeMs = Date.UTC(2026, 10, 20);

/** Items as a lane makes them. */
function items(lines: readonly Buffer[], shape: Shape): SendItems {
  const slot = new Slot({ bytes: 1 << 20, records: 100, document: new DocumentWriter({ service: { name: 'p"ay' } }) });
  lines.forEach((line, i) => {
    writeItem(itemLayouts[shape], recordOf(line, { timeMs: timeMs + i }), slot.writer);
    assert.ok(slot.endItem(testFile, timeMs + i));
  });
  return slot.items(0, lines.length);
}

const line = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('', '"', '\\', '},{"timestamp":1,"message":"forged"},', '\u0000\u001f', '😀')
    .map((text) => Buffer.from(text)),
);

for (const shape of ['line', 'json'] as const)
  test(`any lines make one JSON body whose messages and weights are theirs, in any order (${shape})`, () =>
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.boolean(), (lines, reversed) => {
        const encoded = items(lines, shape);
        const order = reversed ? lines.map((_, i) => lines.length - 1 - i) : undefined;
        const body = new RequestBody(shape).build('/g"', 's\\', encoded, order);
        const request = readPutLogEvents(JSON.parse(body.toString()));
        assert.ok(request !== undefined);
        assert.deepEqual([request.group, request.stream], ['/g"', 's\\']);
        const expected = (order ?? lines.map((_, i) => i)).map((i) => ({ i, text: lines[i]!.toString() || ' ' }));
        assert.deepEqual(
          request.events.map(({ timestamp }) => timestamp),
          expected.map(({ i }) => timeMs + i),
        );
        const texts = request.events.map(({ message }) => (shape === 'line' ? message : messageOf(message)));
        // A document may hold an empty message; an event may not be one.
        assert.deepEqual(
          texts,
          expected.map(({ i, text }) => (shape === 'line' ? text : lines[i]!.toString())),
        );
        request.events.forEach(({ message }, at) => {
          assert.equal(encoded.weight(expected[at]!.i), Buffer.byteLength(message) + 26);
        });
      }),
    ));

function messageOf(document: string): unknown {
  const parsed: unknown = JSON.parse(document);
  return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
}

test('a body is built in the buffer of the one before', () => {
  const body = new RequestBody('line');
  const first = body.build('g', 's', items([Buffer.from('a'.repeat(1000))], 'line'), undefined);
  const second = body.build('g', 's', items([Buffer.from('b')], 'line'), undefined);
  assert.equal(second.buffer, first.buffer);
  assert.equal(
    second.toString(),
    `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":${timeMs},"message":"b"}]}`,
  );
});

test('times that cannot be are still valid JSON', () => {
  for (const odd of [Number.NaN, -1, 1e21, Number.POSITIVE_INFINITY, 0.5]) {
    const slot = new Slot({ bytes: 4096, records: 1, document: new DocumentWriter({}) });
    writeItem(itemLayouts.line, recordOf('x', { timeMs: odd }), slot.writer);
    slot.endItem(testFile, odd);
    const body = new RequestBody('line').build('g', 's', slot.items(0, 1), undefined);
    assert.equal(readPutLogEvents(JSON.parse(body.toString()))?.events[0]?.timestamp, 0);
  }
});
