import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LaneLab, type LaneLabOptions } from '../../test/support/lane-lab.js';
import { systemFiles, type FileSystem } from '../files/file-system.js';

/** Lines of 100 bytes; enough of them are more than four batches of the lab's (64 KiB). */
const linesOf = (name: string, count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${String(from + i).padStart(6, '0')} `.padEnd(99, '.'));

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** A lane whose requests wait until `gate` is opened by an abort. */
async function heldLab(gate: AbortController, options: LaneLabOptions = {}): Promise<LaneLab> {
  const opened = once(gate.signal, 'abort');
  const send = async (): Promise<'accepted'> => {
    await opened;
    return 'accepted';
  };
  return await LaneLab.open({ catchUp: 'newest-first', send, ...options });
}

/** Ids as offsets say them: all lines of 100 bytes, one after the other. */
function offsetsOf(lab: LaneLab): number[] {
  return lab.sent.map(({ id }) => Number(id.split('-')[1]));
}

test('newest first: a line written now arrives before the backlog, which follows; each line once, and cursor and ledger add up', async () => {
  const gate = new AbortController();
  await using lab = await heldLab(gate);
  const lines = linesOf('app', 10_000);
  await writeFile(lab.at('app.log'), textOf(lines));
  await lab.start();
  await appendFile(lab.at('app.log'), textOf(['live'.padEnd(99)]));
  gate.abort();
  await lab.arrives('all', () => lab.sent.length >= lines.length + 1);
  const at = lab.sent.findIndex(({ text }) => text.startsWith('live'));
  assert.ok(at < 3000, `the live line came at ${at} of ${lab.sent.length}`);
  assert.deepEqual(
    offsetsOf(lab).sort((a, b) => a - b),
    Array.from({ length: lines.length + 1 }, (_, i) => i * 100),
  );
  await lab.arrives('the cursor', () => [...lab.cursors.values()][0]?.ahead === undefined && lab.lane.lagBytes === 0);
  const [cursor] = lab.cursors.values();
  assert.equal(cursor?.offset, 1_000_100);
  assert.deepEqual(cursor.ledger, { delivered: 1_000_100, deadLettered: 0, leftOut: 0, dropped: 0 });
});

test('oldest first: a file is read in order, however far behind', async () => {
  const gate = new AbortController();
  await using lab = await heldLab(gate, { catchUp: 'oldest-first' });
  const lines = linesOf('app', 10_000);
  await writeFile(lab.at('app.log'), textOf(lines));
  await lab.start();
  gate.abort();
  await lab.arrives('all', () => lab.sent.length >= lines.length);
  assert.deepEqual(lab.texts('app.log'), lines);
});

test('a lane that ends in the middle of gap and tail is taken over without a line lost or sent twice', async () => {
  const lines = linesOf('app', 10_000);
  // Until the gap is a few batches along.
  let batches = 0;
  const never = new Promise<'accepted'>(() => {});
  const first = await LaneLab.open({
    catchUp: 'newest-first',
    send: () => (++batches > 6 ? never : 'accepted'),
  });
  await writeFile(first.at('app.log'), textOf(lines));
  await first.start();
  await first.arrives('a few batches', () => batches > 6);
  first.stop.abort();
  first.abandon.abort();
  await first.done;
  const [cursor] = first.cursors.values();
  const { start, offset: reached } = cursor?.ahead ?? {};
  const [fileId = ''] = first.cursors.keys();
  assert.deepEqual(first.lane.position(fileId)?.ahead, { start, offset: reached }, 'the file table is told of it');
  assert.ok(cursor?.ahead !== undefined && cursor.ahead.offset > cursor.ahead.start, 'a range is stored');
  assert.ok(cursor.offset < cursor.ahead.start);
  await first.table[Symbol.asyncDispose]();

  for (const catchUp of ['newest-first', 'oldest-first'] as const) {
    const stored = [...first.files.values()];
    await using second = await LaneLab.open({ catchUp, dir: first.dir, stored, cursors: new Map(first.cursors) });
    for (const [id, file] of first.files) second.files.set(id, file);
    await second.start();
    await second.arrives('the rest', () => second.lane.lagBytes === 0 && !second.lane.delivery.stats.failing);
    const came = [...offsetsOf(first), ...offsetsOf(second)].sort((a, b) => a - b);
    assert.deepEqual(
      came,
      Array.from({ length: lines.length }, (_, i) => i * 100),
    );
    const after = second.cursors.values().next().value;
    assert.equal(after?.offset, 1_000_000);
    assert.equal(after.ahead, undefined);
    assert.equal(after.ledger.delivered, 1_000_000);
  }
});

test('of a chain of rotated files the newest is reached after a batch or so of each older one', async () => {
  const gate = new AbortController();
  await using lab = await heldLab(gate);
  const old = linesOf('old', 10_000);
  await writeFile(lab.at('app.log'), textOf(old));
  await lab.start();
  await rename(lab.at('app.log'), lab.at('app.1.log'));
  await writeFile(lab.at('app.log'), textOf(['live'.padEnd(99)]));
  await lab.table.scan();
  gate.abort();
  await lab.arrives('all', () => lab.sent.length >= old.length + 1);
  const at = lab.sent.findIndex(({ text }) => text.startsWith('live'));
  assert.ok(at < 4000, `the live line came at ${at} of ${lab.sent.length}`);
  assert.equal(new Set(lab.sent.map(({ id }) => id)).size, old.length + 1);
});

test('a content that takes the place of the old one just before the lane looks where to come down is shipped once, under its own identity', async () => {
  const gate = new AbortController();
  const old = linesOf('old', 10_000);
  const next = linesOf('new', 11_000);
  let swapped = false;
  const read = (...args: Parameters<FileSystem['read']>): Promise<number> => {
    // The window is a batch before the end; the lane's other reads are at its beginning.
    if (!swapped && args[4] === 1_000_000 - 65_536) {
      swapped = true;
      writeFileSync(lab.at('app.log'), textOf(next));
    }
    return systemFiles.read(...args);
  };
  await using lab: LaneLab = await heldLab(gate, { ports: { read } });
  await writeFile(lab.at('app.log'), textOf(old));
  await lab.start();
  gate.abort();
  const came = (): string[] => lab.sent.filter(({ text }) => text.startsWith('new')).map(({ text }) => text);
  await lab.arrives('the new content', () => new Set(came()).size === next.length && lab.lane.lagBytes === 0);
  assert.equal(swapped, true);
  assert.equal(came().length, next.length, 'no line twice');
});
