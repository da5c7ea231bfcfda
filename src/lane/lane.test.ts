import assert from 'node:assert/strict';
import { appendFile, rename, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LaneLab } from '../../test/support/lane-lab.js';
import { staysTrue } from '../../test/support/until.js';
import { systemFiles } from '../files/file-system.js';
import { TooLargeError } from '../types/errors.js';

const lines = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, n) => `line ${String(from + n).padStart(7, '0')}\n`).join('');

test('a file with a long backlog does not keep a line of another file waiting', async () => {
  await using lab = await LaneLab.open({
    limits: { batchBytes: 16_384 },
    send: async () => {
      await wait(2);
      return 'accepted' as const;
    },
  });
  await writeFile(lab.at('big.log'), lines(150_000));
  await lab.start();
  await lab.arrives('the backlog is on its way', () => lab.sent.length > 0);
  await writeFile(lab.at('small.log'), 'hello\n');
  await lab.arrives('the line of the other file', () => lab.texts('small.log').length === 1);
  assert.ok(lab.sent.length < 100_000, `${lab.sent.length} records went before`);
});

test('a hole of many gigabytes keeps no line of another file waiting, and no stop', async () => {
  await using lab = await LaneLab.open();
  await writeFile(lab.at('hole.log'), '');
  await truncate(lab.at('hole.log'), 64 * 1024 ** 3);
  await writeFile(lab.at('small.log'), 'hello\n');
  await lab.start();
  await lab.arrives('the line of the other file', () => lab.texts('small.log').length === 1, 3000);
  await wait(100);
  lab.stop.abort();
  assert.equal(await Promise.race([lab.done.then(() => 'ended'), wait(2000, 'goes on')]), 'ended');
});

test('a destination that takes no body at all costs dead letters, not the lane', async () => {
  let largest = 0;
  await using lab = await LaneLab.open({
    overhead: 200,
    send: (_records, bytes) => {
      largest = Math.max(largest, bytes);
      if (bytes > 100) throw new TooLargeError('413');
      return 'accepted' as const;
    },
  });
  await writeFile(lab.at('a.log'), lines(4));
  await lab.start();
  await lab.arrives('the first lines are dead letters', () => lab.letters.length >= 4 || lab.failure !== undefined);
  await appendFile(lab.at('a.log'), lines(3, 10));
  await lab.arrives('all lines are dead letters', () => lab.letters.length >= 7 || lab.failure !== undefined);
  await lab.arrives('nothing is under way', () => lab.lane.isDrained || lab.failure !== undefined);
  assert.equal(lab.failure, undefined);
  assert.equal(lab.letters.length, 7);
});

test('the file under an old name waits also for what the old one got after its end was reached before', async () => {
  let open = true;
  let go: () => void = () => {};
  await using lab = await LaneLab.open({
    limits: { batchBytes: 4096 },
    send: async () => {
      if (!open) await new Promise<void>((resolve) => (go = resolve));
      return 'accepted' as const;
    },
  });
  await writeFile(lab.at('a.log'), lines(1));
  await lab.start();
  await lab.arrives('the first line', () => lab.sent.length === 1);
  open = false;
  await appendFile(lab.at('a.log'), lines(60_000, 1));
  await rename(lab.at('a.log'), lab.at('a.log.1'));
  await writeFile(lab.at('a.log'), 'after\n');
  await lab.table.scan();
  open = true;
  go();
  await lab.arrives('everything', () => lab.sent.length === 60_002, 30_000);
  assert.equal(lab.sent.at(-1)?.text, 'after');
});

test('a line that is completed after a pause goes at once, however long its beginning was seen before', async () => {
  await using lab = await LaneLab.open({ batchMaxWaitMs: 20_000 });
  await writeFile(lab.at('a.log'), 'first\nopen');
  await writeFile(lab.at('b.log'), 'be');
  await lab.start();
  await lab.arrives('the first line', () => lab.sent.length === 1);
});

test('a file that only has an open line starts no wait for the record that follows', async () => {
  await using lab = await LaneLab.open({ batchMaxWaitMs: 20_000 });
  await writeFile(lab.at('a.log'), 'open');
  await lab.start();
  await wait(300);
  await appendFile(lab.at('a.log'), ' no more\n');
  await lab.arrives('the line', () => lab.sent.length === 1, 3000);
});

test('a lane looks for growth when its wait has passed, not with each event before', async () => {
  let looks = 0;
  await using lab = await LaneLab.open({
    batchMaxWaitMs: 1000,
    looks: {
      isLookDue: true,
      look: () => {
        looks += 1;
        return Infinity;
      },
    },
  });
  await writeFile(lab.at('a.log'), 'first\n');
  await lab.start();
  await lab.arrives('the first line', () => lab.sent.length === 1);
  const before = looks;
  for (let event = 0; event < 10; event += 1) {
    lab.lane.changed();
    await wait(5);
  }
  assert.equal(looks, before);
  await lab.arrives('a look of its own accord', () => looks === before + 1, 5000);
});

test('half a UTF-16 character at the end makes no loop, also while draining', async () => {
  let reads = 0;
  await using lab = await LaneLab.open({
    partialLineTimeoutMs: 50,
    ports: {
      read: (...args) => {
        reads += 1;
        return systemFiles.read(...args);
      },
    },
  });
  await writeFile(lab.at('a.log'), Buffer.concat([Buffer.from('\ufefffirst\n', 'utf16le'), Buffer.from([0x41])]));
  await lab.start();
  lab.lane.hurry(20);
  await lab.arrives('the first line', () => lab.sent.length === 1);
  await wait(200);
  const before = reads;
  await wait(400);
  assert.ok(reads - before < 20, `${reads - before} reads in 400 ms`);
  assert.ok(lab.lane.isDrained, 'nothing complete is left');
});

test('a file that grew beyond what was seen of it makes no loop', async () => {
  let reads = 0;
  let seen = Infinity;
  let afterRead = false;
  await using lab = await LaneLab.open({
    ports: {
      read: async (...args) => {
        reads += 1;
        const count = await systemFiles.read(...args);
        afterRead = true;
        setImmediate(() => (afterRead = false));
        return count;
      },
      // As between two looks: the size seen is behind the bytes that a read gives.
      fstat: (descriptor) => {
        const stat = systemFiles.fstat(descriptor);
        const size = afterRead ? stat.size : Math.min(stat.size, seen);
        return { ...stat, size };
      },
    },
  });
  await writeFile(lab.at('a.log'), 'first\n');
  await lab.start();
  lab.lane.hurry(60_000);
  await lab.arrives('the first line', () => lab.sent.length === 1);
  seen = 10;
  await appendFile(lab.at('a.log'), 'open line');
  await wait(300);
  const before = reads;
  await wait(300);
  assert.ok(reads > 0 && reads - before < 30, `${reads - before} reads in 300 ms`);
});

test('UTF-16 is known also to a lane that begins in the middle of the file', async () => {
  const text = Buffer.from('\ufeffold\n', 'utf16le');
  await using lab = await LaneLab.open();
  await writeFile(lab.at('a.log'), text);
  await lab.table.start();
  for (const file of lab.table.files) await lab.lane.skipTo(file, file.size);
  lab.run();
  await appendFile(lab.at('a.log'), Buffer.from('new\n', 'utf16le'));
  await lab.arrives('the new line', () => lab.sent.length === 1);
  assert.deepEqual(lab.texts('a.log'), ['new']);
});

test('a lane at rest does nothing', async () => {
  await using lab = await LaneLab.open();
  await writeFile(lab.at('a.log'), 'first\n');
  await lab.start();
  await lab.arrives('the first line', () => lab.sent.length === 1);
  await staysTrue(() => lab.sent.length === 1 && !lab.lane.isWedged, 100, 'nothing more is sent');
  assert.ok(lab.lane.isDrained);
});

for (const catchUp of ['oldest-first', 'newest-first'] as const) {
  test(`what of a truncated file got no answer when its lane was replaced is lost, said and counted (${catchUp})`, async () => {
    let requests = 0;
    let answer = (): void => {};
    const late = new Promise<'accepted'>((resolve) => (answer = () => resolve('accepted')));
    await using lab = await LaneLab.open({ send: () => (++requests > 2 ? late : 'accepted'), catchUp });
    await writeFile(lab.at('a.log'), lines(50_000));
    await lab.start();
    await lab.arrives('a request without an answer', () => requests > 2);
    await truncate(lab.at('a.log'));
    await lab.arrives('the truncation is known', () => [...lab.table.files].some(({ state }) => state === 'gone'));
    await lab.arrives('what was not read is given up', () => lab.lane.dropped.has('truncated'));
    const gone = [...lab.table.files].find(({ state }) => state === 'gone')!;
    lab.stop.abort();
    lab.abandon.abort();
    answer();
    await lab.done;
    await lab.lane.delivery.idle();
    assert.equal(lab.lane.isDone(gone), false, 'nobody would ever finish it');

    const cursor = lab.lane.handOver().get(gone.fileId);
    assert.equal(cursor?.offset, gone.size);
    assert.equal(cursor.ahead, undefined);
    const { delivered, dropped } = cursor.ledger;
    assert.equal(delivered + dropped, gone.size);
    assert.ok(delivered > 0 && dropped > 0);
    assert.equal(lab.lane.dropped.get('truncated'), dropped, 'all of it was said');
    assert.deepEqual(lab.cursors.get(gone.fileId), cursor, 'it is stored');
  });
}
