import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Block, writeData } from './block.js';
import { formats, type LineShape } from './lines.js';

const shape: LineShape = { leastBytes: 180, mostBytes: 370, timed: false };

/** What a file of `bytes` from that block holds. */
function written(block: Block, bytes: number): { text: string; records: number } {
  const folder = mkdtempSync(join(tmpdir(), 'pannier-bench-test-'));
  try {
    const { records, bytes: size } = writeData(join(folder, 'data'), block, bytes);
    const text = readFileSync(join(folder, 'data'), 'utf8');
    assert.equal(Buffer.byteLength(text), size);
    return { text, records };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const format of formats) {
  test(`${format}: the same seed gives the same bytes, another one gives others`, () => {
    const bytes = (seed: number) => new Block(format, shape, 50_000, seed).bytes;
    assert.deepEqual(bytes(1), bytes(1));
    assert.notDeepEqual(bytes(1), bytes(2));
  });

  test(`${format}: a file longer than the block holds every number once, in order, at both ends of a record`, () => {
    const { text, records } = written(new Block(format, shape, 20_000, 3), 70_000);
    const numbers = (mark: string) =>
      [...text.matchAll(new RegExp(`~${mark}(\\d{10})`, 'g'))].map((match) => Number(match[1]));
    const expected = Array.from({ length: records }, (_, n) => n);
    assert.deepEqual(numbers('q'), expected);
    assert.deepEqual(numbers('z'), expected);
  });
}

for (const format of formats.filter((name) => !name.startsWith('cri'))) {
  test(`${format}: the text of a record is its line`, () => {
    const block = new Block(format, shape, 20_000, 4);
    const { text, records } = written(block, 50_000);
    const lines = text.split('\n').slice(0, -1);
    assert.equal(lines.length, records);
    lines.forEach((line, n) => assert.equal(block.text(n), line));
  });
}

test('cri: the parts of a record, joined, are its text, and some records have two parts', () => {
  const block = new Block('cri', shape, 100_000, 5);
  const { text, records } = written(block, 100_000);
  const payloads: string[] = [];
  let open = '';
  let parts = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, tag, payload = ''] = /^\S+ std(?:out|err) ([FP]) (.*)$/.exec(line) ?? [];
    open += payload;
    if (tag === 'P') parts += 1;
    else {
      payloads.push(open);
      open = '';
    }
  }
  assert.equal(payloads.length, records);
  assert.ok(parts > 0);
  payloads.forEach((payload, n) => assert.equal(block.text(n), payload));
});

test('a JSON line is JSON, also where its message has to be escaped', () => {
  const block = new Block('json', shape, 200_000, 6);
  const messages = Array.from({ length: block.count }, (_, n) => (JSON.parse(block.text(n)) as { msg: string }).msg);
  assert.ok(messages.some((message) => /["\\\t]/.test(message)));
});

test('lines have the size that was asked for', () => {
  for (const format of ['raw', 'json'] as const) {
    const block = new Block(format, { ...shape, leastBytes: 1_000, mostBytes: 1_100 }, 100_000, 7);
    for (let n = 0; n < block.count; n++) {
      const bytes = Buffer.byteLength(block.text(n));
      assert.ok(bytes >= 1_000 && bytes < 1_130, `${format}: ${bytes} B`);
    }
  }
});
