import assert from 'node:assert/strict';
import { appendFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LaneLab } from '../../test/support/lane-lab.js';
import { pipelineOf } from '../../test/support/processing.js';

/** Lines of one second, each with a level and a number. */
const lineOf = (n: number, level = 'info'): string =>
  `{"time":"2026-11-20T09:15:02Z","level":"${level}","n":${n},"pad":"${'x'.repeat(60)}"}\n`;
const numberOf = (text: string): number => Number(/"n":(\d+)/.exec(text)?.[1] ?? Number.NaN);

/** Batches so small that nearly each record is refused once because its batch is full. */
const tight = { batchBytes: 400, batchRecords: 3 };

test('a record for which a batch had no room is counted once: by the throttle and its summary, whatever the size of batches', async () => {
  for (const limits of [{}, tight, { batchRecords: 1 }]) {
    const pipeline = await pipelineOf({ throttle: '7/s' });
    await using lab = await LaneLab.open({ format: 'json', limits, pipeline, batchMaxWaitMs: 1 });
    await writeFile(lab.at('a.log'), Array.from({ length: 50 }, (_, n) => lineOf(n)).join(''));
    await lab.start();
    await lab.arrives('seven records', () => lab.sent.length === 7);
    await lab.arrives('the rest was counted', () => lab.lane.leftOut.get('throttle') === 43);
    lab.lane.beginDrain(50);
    await lab.arrives('the summary', () => lab.sent.length === 8);
    await lab.arrives('all is settled', () => lab.lane.isDrained);
    const texts = lab.texts('a.log');
    assert.deepEqual(texts.slice(0, 7).map(numberOf), [0, 1, 2, 3, 4, 5, 6]);
    assert.match(texts[7] ?? '', /^throttled: 43 records of .*a\.log in 0 s$/);
    const { ledger } = lab.lane;
    const bytes = lineOf(0).length;
    assert.deepEqual(
      { delivered: ledger.delivered, leftOut: ledger.leftOut },
      { delivered: 7 * bytes, leftOut: 50 * lineOf(0).length - 7 * bytes + 40 },
    );
    assert.equal(new Set(lab.sent.map(({ id }) => id)).size, 8);
  }
});

test('repeats are told of before the next other record, once, also when the summary takes the last place of a batch', async () => {
  for (const limits of [{}, tight, { batchRecords: 1 }, { batchRecords: 2 }]) {
    // As many as there are: one that were counted twice would be held back.
    const pipeline = await pipelineOf({ dedupe: true, throttle: '11/h' });
    await using lab = await LaneLab.open({ format: 'raw', limits, pipeline, batchMaxWaitMs: 1 });
    const lines = ['a', 'a', 'a', 'b', 'c', 'c', 'd', 'd', 'd', 'd', 'e'];
    await writeFile(lab.at('a.log'), `${lines.join('\n')}\n`);
    await lab.start();
    const expected = ['a', 'repeated 2 times: a', 'b', 'c', 'repeated 1 time: c', 'd', 'repeated 3 times: d', 'e'];
    await lab.arrives('all', () => lab.sent.length >= expected.length);
    assert.deepEqual(lab.texts('a.log'), expected);
    assert.equal(lab.lane.leftOut.get('duplicate'), 6);
    await lab.arrives('the cursor is at the end', () => lab.lane.lagBytes === 0 && lab.lane.isDrained);
    assert.deepEqual(lab.lane.ledger, { delivered: 10, deadLettered: 0, leftOut: 12, dropped: 0 });
  }
});

test('what is held back comes again after more was written: a run of repeats goes on over reads', async () => {
  const pipeline = await pipelineOf({ dedupe: true });
  await using lab = await LaneLab.open({ format: 'raw', pipeline, batchMaxWaitMs: 1 });
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.start();
  for (let round = 1; round <= 3; round++) {
    await appendFile(lab.at('a.log'), 'a\n');
    await lab.arrives('it was read', () => lab.lane.leftOut.get('duplicate') === round);
  }
  await appendFile(lab.at('a.log'), 'b\n');
  await lab.arrives('all', () => lab.sent.length === 3);
  assert.deepEqual(lab.texts('a.log'), ['a', 'repeated 3 times: a', 'b']);
});

test('lines of an open group are taken back with what they changed', async () => {
  const pipeline = await pipelineOf({ throttle: '2/s', dedupe: true });
  await using lab = await LaneLab.open({ format: 'cri', pipeline, batchMaxWaitMs: 1 });
  const cri = (tag: string, text: string): string => `2026-11-20T09:15:02.000000000Z stdout ${tag} ${text}\n`;
  const other = (text: string): string => `2026-11-20T09:15:02.000000000Z stderr F ${text}\n`;
  await writeFile(lab.at('a.log'), `${cri('P', 'be')}${other('x')}${other('x')}`);
  await lab.start();
  let size = 0;
  for (const text of ['x', 'y']) {
    await appendFile(lab.at('a.log'), other(text));
    size = (await stat(lab.at('a.log'))).size;
    await lab.arrives('it was seen', () => [...lab.table.files].some((file) => file.size === size));
  }
  await appendFile(lab.at('a.log'), cri('F', 'gun'));
  await lab.arrives('the group', () => lab.sent.length >= 1 && lab.lane.lagBytes === 0);
  lab.lane.beginDrain(50);
  await lab.arrives('all is settled', () => lab.lane.isDrained);
  const held = (lab.lane.leftOut.get('duplicate') ?? 0) + (lab.lane.leftOut.get('throttle') ?? 0);
  const told = lab.sent.map(({ text }) => Number(/(?:throttled:|repeated) (\d+)/.exec(text)?.[1] ?? 0));
  assert.equal(
    held,
    told.reduce((sum, count) => sum + count, 0),
  );
  assert.equal(held + told.filter((count) => count === 0).length, 5, 'five records in all');
});
