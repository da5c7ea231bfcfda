import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemLayout } from '../types/batch.js';
import { DocumentWriter } from './document.js';
import { makePlan } from './plan.js';

const file = { fileId: '0123456789abcdef01234567', path: '/var/log/app/"a".log', birthMs: 0 };
const area = Buffer.alloc(64 * 1024);
const hourMs = 3_600_000;

/** The steps of a plan as they lie in its area: kind and text. */
function stepsOf(layout: ItemLayout, document = new DocumentWriter(), timeMs = 0): [number, string][] {
  const plan = makePlan(layout, document, file, timeMs, area);
  assert.ok(plan);
  return Array.from({ length: plan.opCount }, (_, i) => {
    const [kind, address, bytes] = [0, 4, 8].map((at) =>
      area.readUInt32LE(plan.opsAddress - area.byteOffset + i * 12 + at),
    );
    const at = address! - area.byteOffset;
    return [kind!, area.toString('latin1', at, at + bytes!)];
  });
}

test('literals that follow each other are one step, and hold what is the same for all lines of the file', () => {
  const layout: ItemLayout = {
    parts: [{ literal: 'a' }, { literal: 'b' }, 'id', { literal: '|' }, 'line'],
    weight: 'encoded',
  };
  assert.deepEqual(stepsOf(layout), [
    [0, `ab${file.fileId}-`],
    [1, ''],
    [0, '-'],
    [2, ''],
    [0, '|'],
    [7, ''],
  ]);
});

test('a document has the path and the static members as literals, escaped', () => {
  const document = new DocumentWriter({ team: 'é"', service: { name: 'pay' } });
  const texts = stepsOf({ parts: ['document'], weight: 'encoded' }, document)
    .map(([, text]) => text)
    .join('');
  assert.ok(texts.includes('"file":{"path":"/var/log/app/\\"a\\".log"},"offset":'));
  assert.ok(texts.includes(Buffer.from(',"team":"é\\"","service":{"name":"pay"').toString('latin1')));
});

test('a text of the hour holds for that hour and no other', () => {
  const layout: ItemLayout = { parts: [{ hourly: (timeMs) => `h${Math.floor(timeMs / hourMs)}` }], weight: 'encoded' };
  const timeMs = 7 * hourMs;
  assert.deepEqual(stepsOf(layout, new DocumentWriter(), timeMs + 1), [[0, 'h7']]);
  for (const within of [timeMs, timeMs + 1, timeMs + hourMs - 1]) {
    const plan = makePlan(layout, new DocumentWriter(), file, within, area);
    assert.deepEqual([plan?.fromMs, plan?.toMs], [timeMs, timeMs + hourMs]);
  }
  const always = makePlan({ parts: ['id'], weight: 'encoded' }, new DocumentWriter(), file, timeMs, area);
  assert.deepEqual([always?.fromMs, always?.toMs], [-Infinity, Infinity]);
});

test('there is no plan where each record has a text of its own, or each document needs a merge', () => {
  const each: ItemLayout = { parts: [{ each: () => '' }, 'document'], weight: 'encoded' };
  assert.equal(makePlan(each, new DocumentWriter(), file, 0, area), undefined);
  const merged = new DocumentWriter({ log: { logger: 'x' } });
  assert.equal(makePlan({ parts: ['document'], weight: 'encoded' }, merged, file, 0, area), undefined);
  const empty = new DocumentWriter({ team: {} });
  assert.equal(makePlan({ parts: ['document'], weight: 'encoded' }, empty, file, 0, area), undefined);
  assert.ok(makePlan({ parts: ['line'], weight: 'encoded' }, merged, file, 0, area));
});

test('a plan takes what its area has, to the byte, and beyond that there is none', () => {
  const layoutOf = (bytes: number): ItemLayout => ({ parts: [{ literal: 'é'.repeat(bytes / 2) }], weight: 'encoded' });
  const fits = (bytes: number, room: Buffer) =>
    makePlan(layoutOf(bytes), new DocumentWriter(), file, 0, room) !== undefined;
  const bytes = 1000;
  let least = 0;
  while (!fits(bytes, Buffer.alloc(least))) least += 1;
  assert.ok(least >= bytes && least < 2 * bytes, `${least} bytes`);
  // Nothing was written behind it.
  const room = Buffer.alloc(least + 100, 0x55);
  assert.ok(fits(bytes, room.subarray(0, least)));
  assert.ok(room.subarray(least).every((byte) => byte === 0x55));
});
