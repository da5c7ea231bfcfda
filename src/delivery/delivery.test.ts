import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryLab } from '../../test/support/delivery-lab.js';
import { MemoryBatch } from '../../test/support/memory-batch.js';
import { accepted, type Outcome, type Outcomes } from '../types/batch.js';
import { OutputClosedError, PermanentError, RetryableError, TooLargeError } from '../types/errors.js';
import { DeadLettersBlockedError } from './dead-letter.js';

const busy: Outcome = { kind: 'retry', code: 'OUTPUT_BUSY', reason: 'queue full' };
const refused: Outcome = { kind: 'rejected', code: 'RECORD_REFUSED', reason: 'mapping conflict' };
const unreachable = () => new RetryableError('OUTPUT_UNREACHABLE', 'connection refused');
const broken = () => new RetryableError('OUTPUT_UNREACHABLE', 'connection reset', { brokenWhileSending: true });

/** Answers attempts one after the other; the last answer stays. */
function script(...answers: (() => Outcomes | Promise<Outcomes>)[]) {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)]!();
}
const all = () => 'accepted' as const;
function fail(error: Error): () => never {
  return () => {
    throw error;
  };
}

test('an accepted batch is settled and comes back', async () => {
  const lab = new DeliveryLab({ send: all });
  const batch = await lab.deliver('a', 'b');
  assert.deepEqual(batch.with('delivered'), ['a', 'b']);
  assert.deepEqual(lab.settled, [batch]);
  assert.deepEqual(lab.sent, [['a', 'b']]);
  const { stats } = lab.delivery;
  assert.equal(stats.recordsDelivered, 2);
  assert.equal(stats.state, 'idle');
  assert.equal(stats.lastSuccessMs, lab.clock.now());
  assert.deepEqual([...stats.sends], [['ok', 1]]);
});

test('nothing is sent before the identities of the files are on disk', async () => {
  const lab = new DeliveryLab({ send: all });
  const batch = new MemoryBatch(['a']);
  let record = () => {};
  batch.recordedWhen = new Promise((resolve) => (record = resolve));
  await lab.delivery.submit(batch, lab.stop.signal);
  await lab.clock.advance(60_000);
  assert.deepEqual(lab.sent, []);
  record();
  await lab.clock.until(() => lab.settled.length === 1);
});

test('submit waits while as many batches are under way as the destination allows', async () => {
  const answers: (() => void)[] = [];
  const lab = new DeliveryLab({
    send: () => new Promise((resolve) => answers.push(() => resolve('accepted'))),
    concurrency: 2,
  });
  lab.submit('first');
  await lab.clock.settle();
  answers.shift()!();
  await lab.clock.settle();
  const taken: number[] = [];
  for (const n of [1, 2, 3])
    void lab.delivery.submit(new MemoryBatch([`r${n}`]), lab.stop.signal).then(() => taken.push(n));
  await lab.clock.settle();
  assert.deepEqual(taken, [1, 2]);
  assert.equal(lab.delivery.stats.requestsInFlight, 2);
  assert.equal(lab.delivery.stats.bytesInFlight, 4);
  assert.equal(lab.delivery.stats.state, 'sending');
  let idle = false;
  void lab.delivery.idle().then(() => (idle = true));
  answers.shift()!();
  await lab.clock.settle();
  assert.deepEqual(taken, [1, 2, 3]);
  answers.splice(0).forEach((answer) => answer());
  await lab.clock.settle();
  assert.equal(idle, true);
  assert.equal(lab.mostRequests, 2);
});

test('an ordered destination gets one request at a time, whatever its concurrency says', async () => {
  const lab = new DeliveryLab({ send: all, ordered: true, concurrency: 5 });
  const batches = [lab.submit('a'), lab.submit('b'), lab.submit('c')];
  await lab.clock.until(() => lab.settled.length === 3);
  assert.deepEqual(lab.settled, batches);
  assert.equal(lab.mostRequests, 1);
});

test('an outage is waited out with growing backoff, seen in the numbers, and said twice in the log', async () => {
  const lab = new DeliveryLab({ send: script(fail(unreachable()), fail(unreachable()), fail(unreachable()), all) });
  const batch = lab.submit('a');
  await lab.clock.advance(0);
  const { stats } = lab.delivery;
  assert.equal(stats.state, 'retrying');
  assert.equal(stats.failing, true);
  await lab.clock.advance(250 + 500 + 999);
  assert.equal(lab.sent.length, 3);
  assert.deepEqual(stats.lastError, {
    code: 'OUTPUT_UNREACHABLE',
    message: 'connection refused',
    atMs: lab.clock.now() - 999,
    count: 3,
  });
  await lab.clock.advance(1);
  assert.deepEqual(batch.with('delivered'), ['a']);
  assert.deepEqual(
    [...stats.sends],
    [
      ['OUTPUT_UNREACHABLE', 3],
      ['ok', 1],
    ],
  );
  assert.equal(stats.retries, 3);
  assert.equal(stats.failing, false);
  assert.equal(stats.state, 'idle');
  assert.deepEqual(
    lab.logged.map(({ level }) => level),
    ['warn', 'info'],
  );
});

test('a Retry-After of a day is said once, and is not kept to', async () => {
  const day = new RetryableError('OUTPUT_BUSY', '429', { retryAfterMs: 86_400_000 });
  const lab = new DeliveryLab({ send: script(fail(day), fail(day), all), random: () => 0 });
  const batch = lab.submit('a');
  await lab.clock.advance(2 * 600_000);
  assert.deepEqual(batch.with('delivered'), ['a']);
  assert.equal(lab.logged.filter(({ message }) => message.includes('Retry-After')).length, 1);
});

test('the request that tries whether it works again carries the beginning of a batch; the rest follows in one piece', async () => {
  const lab = new DeliveryLab({ send: script(fail(unreachable()), fail(unreachable()), all) });
  const record = (name: string) => name.repeat(30_000);
  const batch = await lab.deliver(...['a', 'b', 'c', 'd', 'e'].map(record));
  assert.deepEqual(
    lab.sent.map((items) => items.map((item) => item[0]).join('')),
    ['abcde', 'ab', 'ab', 'cde'],
  );
  assert.equal(batch.with('delivered').length, 5);
  assert.equal(lab.delivery.nextProbeMs, undefined);
});

test('a body that broke its connection is tried whole, and a record larger than a probe as it is', async () => {
  const lab = new DeliveryLab({ send: script(fail(broken()), fail(unreachable()), fail(unreachable()), all) });
  const records = ['a', 'b', 'c'].map((name) => name.repeat(100_000));
  const batch = await lab.deliver(...records);
  assert.deepEqual(
    lab.sent.map((items) => items.length),
    [3, 3, 1, 1, 2],
  );
  assert.equal(batch.with('delivered').length, 3);
});

test('what is put off again and again is sent within a budget, whatever the backoff would allow', async () => {
  const half = (items: string[]): Outcomes => items.map((_, n) => (n % 2 === 0 ? accepted : busy));
  const lab = new DeliveryLab({ send: half, limits: { batchBytes: 128 * 1024 }, random: () => 0 });
  lab.submit(...Array.from({ length: 20 }, (_, n) => String(n).padEnd(64 * 1024, '.')));
  await lab.clock.settle();
  assert.equal(lab.sent.length, 1);
  // Ten of 64 KiB are to be sent again; 128 KiB are saved up, and each further second pays 128 KiB.
  await lab.clock.advance(3_999);
  assert.equal(lab.sent.length, 1);
  await lab.clock.advance(1);
  assert.equal(lab.sent.length, 2);
});

test('with a rate limit requests follow each other as their bytes are paid, whoever sends them', async () => {
  const at: number[] = [];
  const lab = new DeliveryLab({
    concurrency: 2,
    rateLimit: 1_000,
    send: () => {
      at.push(lab.clock.monotonic());
      return at.length === 2 ? fail(unreachable())() : 'accepted';
    },
  });
  for (const name of ['a', 'b', 'c']) lab.submit(name.repeat(500));
  await lab.clock.until(() => lab.settled.length === 3);
  assert.deepEqual(at, [0, 500, 1_000, 1_500], 'the retry pays as well');
  assert.equal(lab.delivery.stats.rateLimitedSeconds, 0.5 + 1 + 1);
});

test('a drain is not held back by the rate limit', async () => {
  const lab = new DeliveryLab({ concurrency: 2, rateLimit: 10, send: all });
  lab.submit('a'.repeat(1_000));
  lab.submit('b'.repeat(1_000));
  await lab.clock.advance(1_000);
  assert.equal(lab.settled.length, 1);
  assert.equal(lab.delivery.stats.state, 'sending', 'nothing is wrong');
  lab.delivery.beginDrain();
  await lab.clock.settle();
  assert.equal(lab.settled.length, 2);
  lab.submit('c'.repeat(1_000));
  await lab.clock.settle();
  assert.equal(lab.settled.length, 3);
});

test('errors are counted anew after a success', async () => {
  const lab = new DeliveryLab({
    send: script(fail(unreachable()), fail(unreachable()), all, fail(unreachable()), all),
  });
  await lab.deliver('a');
  await lab.deliver('b');
  assert.equal(lab.delivery.stats.lastError?.count, 1);
});

test('records that are put off are sent again alone, after the longest wait that was asked for', async () => {
  const longer: Outcome = { ...busy, retryAfterMs: 3_000 };
  const lab = new DeliveryLab({ send: script(() => [accepted, busy, accepted, longer], all) });
  const batch = lab.submit('a', 'b', 'c', 'd');
  await lab.clock.advance(3_599);
  assert.deepEqual(batch.with('delivered'), ['a', 'c']);
  assert.equal(lab.delivery.stats.failing, true);
  await lab.clock.advance(1);
  assert.deepEqual(lab.sent, [
    ['a', 'b', 'c', 'd'],
    ['b', 'd'],
  ]);
  assert.deepEqual(batch.with('delivered'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(
    [...lab.delivery.stats.sends],
    [
      ['partial', 1],
      ['ok', 1],
    ],
  );
  assert.equal(lab.delivery.stats.retries, 1);
});

test('records that are put off again and again wait longer and longer, until there is progress', async () => {
  const lab = new DeliveryLab({
    send: script(
      () => [busy, busy],
      () => [busy, busy],
      () => [accepted, busy],
      () => [busy],
      all,
    ),
  });
  lab.submit('a', 'b');
  const waits = [];
  for (let n = 0; n < 4; n++) {
    await lab.clock.settle();
    waits.push(lab.clock.nextMs);
    await lab.clock.advance(lab.clock.nextMs);
  }
  assert.deepEqual(waits, [250, 500, 250, 500]);
  assert.equal(lab.settled.length, 1);
});

test('records that are put off do not hold up another batch', async () => {
  const lab = new DeliveryLab({
    send: (items) => items.map((item) => (item === 'stuck' ? busy : accepted)),
    concurrency: 2,
  });
  lab.submit('stuck');
  for (let n = 0; n < 50; n++) await lab.deliver(`r${n}`);
  assert(lab.clock.monotonic() < 250, 'none of them waited');
  assert.equal(lab.delivery.stats.failing, true, 'and yet the trouble is to be seen');
});

test('a refused record is sent once more in its plain form', async () => {
  const lab = new DeliveryLab({
    send: script(() => [accepted, refused, accepted], all),
    plain: (item, reason) => `${item} (${reason})`,
  });
  const batch = await lab.deliver('a', 'b', 'c');
  assert.deepEqual(lab.sent, [['a', 'b', 'c'], ['Pb (mapping conflict)']]);
  assert.deepEqual(batch.with('delivered'), ['a', 'b', 'c']);
  assert.deepEqual(lab.letters, []);
});

test('refused again it is a dead letter, with both reasons and the number of tries', async () => {
  const lab = new DeliveryLab({
    send: script(
      fail(unreachable()),
      () => [refused],
      () => [{ ...refused, reason: 'read-only' }],
    ),
    plain: (item) => item,
  });
  const batch = await lab.deliver('a');
  assert.deepEqual(batch.with('dead-lettered'), ['a']);
  assert.deepEqual(lab.letters, [
    {
      timeMs: lab.clock.now(),
      id: 'id-a',
      path: '/var/log/app/a.log',
      offset: 0,
      tries: 3,
      code: 'RECORD_REFUSED',
      reason: 'mapping conflict; as plain text: read-only',
      text: Buffer.from('line a'),
    },
  ]);
  assert.deepEqual([...lab.delivery.stats.recordsDeadLettered], [['RECORD_REFUSED', 1]]);
  assert.equal(lab.delivery.stats.lastError?.code, 'RECORD_REFUSED');
});

test('a record that its form is not to blame for is a dead letter at once', async () => {
  const lab = new DeliveryLab({
    send: () => [{ kind: 'rejected', code: 'RECORD_TOO_OLD', reason: 'older than 14 days' }],
    plain: (item) => item,
  });
  await lab.deliver('a');
  assert.equal(lab.sent.length, 1);
  assert.equal(lab.letters[0]?.code, 'RECORD_TOO_OLD');
});

test('plain forms go in as many groups as the buffer takes, and one that never fits is a dead letter', async () => {
  const refuseFirstForm = (items: string[]) => items.map((item) => (item.startsWith('P') ? accepted : refused));
  const lab = new DeliveryLab({
    send: refuseFirstForm,
    plain: (item) => item.repeat(item === 'c' ? 20 : 1),
    fallbackBytes: 5,
  });
  const batch = await lab.deliver('a', 'b', 'c', 'd', 'e', 'f');
  assert.deepEqual(lab.sent.slice(1), [['Pa', 'Pb'], ['Pd', 'Pe'], ['Pf']]);
  assert.deepEqual(batch.with('dead-lettered'), ['c']);
  assert.deepEqual(batch.with('delivered'), ['a', 'b', 'd', 'e', 'f']);
});

test('a plain form that is put off or meets an outage is retried; one of several that is refused as a body is found', async () => {
  const lab = new DeliveryLab({
    send: script(
      () => [refused, refused, refused],
      fail(unreachable()),
      () => [accepted, busy, busy],
      fail(new PermanentError('OUTPUT_REFUSED', 'bad request')),
      fail(new PermanentError('OUTPUT_REFUSED', 'bad request')),
      all,
    ),
    plain: (item) => item,
  });
  const batch = await lab.deliver('a', 'b', 'c');
  assert.deepEqual(lab.sent, [['a', 'b', 'c'], ['Pa', 'Pb', 'Pc'], ['Pa', 'Pb', 'Pc'], ['Pb', 'Pc'], ['Pb'], ['Pc']]);
  assert.deepEqual(batch.with('dead-lettered'), ['b']);
  assert.deepEqual(batch.with('delivered'), ['a', 'c']);
});

test('of several plain forms, one that is refused again and one that is put off go their own ways', async () => {
  const lab = new DeliveryLab({
    send: script(
      () => [refused, refused, refused],
      () => [refused, accepted, busy],
      all,
    ),
    plain: (item) => item,
  });
  const batch = await lab.deliver('a', 'b', 'c');
  assert.deepEqual(lab.sent, [['a', 'b', 'c'], ['Pa', 'Pb', 'Pc'], ['Pc']]);
  assert.deepEqual(batch.with('dead-lettered'), ['a']);
  assert.deepEqual(batch.with('delivered'), ['b', 'c']);
});

test('plain forms keep to the limits of the destination', async () => {
  const send = (items: string[]) => items.map((item) => (item.startsWith('P') ? accepted : refused));
  const plain = (item: string) => item;
  const byRecords = new DeliveryLab({ send, plain, limits: { batchRecords: 2 } });
  await byRecords.deliver('a', 'b', 'c');
  assert.deepEqual(byRecords.sent.slice(1), [['Pa', 'Pb'], ['Pc']]);
  const byBytes = new DeliveryLab({ send, plain, limits: { batchBytes: 5 } });
  await byBytes.deliver('a', 'b', 'c');
  assert.deepEqual(byBytes.sent.slice(1), [['Pa', 'Pb'], ['Pc']]);
});

test('an output that answers works, also while what it refused is on its way a second time', async () => {
  const lab = new DeliveryLab({
    send: script(
      fail(unreachable()),
      () => [refused],
      () => new Promise<'accepted'>(() => {}),
    ),
    plain: (item) => item,
  });
  lab.submit('a');
  await lab.clock.advance(250);
  assert.deepEqual(lab.sent, [['a'], ['a'], ['Pa']]);
  assert.deepEqual([lab.delivery.stats.state, lab.delivery.stats.failing], ['sending', false]);
});

test('an output that fails to make a plain form loses nothing by it', async () => {
  const lab = new DeliveryLab({
    send: (items) => items.map((item) => (item.startsWith('P') ? accepted : refused)),
    plain: (item) => (item === 'b' ? assert.fail('bug') : item),
  });
  const batch = await lab.deliver('a', 'b', 'c');
  assert.deepEqual(batch.with('dead-lettered'), ['b']);
  assert.deepEqual(batch.with('delivered'), ['a', 'c']);
  assert(lab.logged.some(({ level }) => level === 'error'));
});

test('a refused body is halved until the guilty record stands alone, front to back', async () => {
  const lab = new DeliveryLab({
    send: (items) =>
      items.includes('poison') ? fail(new PermanentError('OUTPUT_REFUSED', 'bad request'))() : 'accepted',
    ordered: true,
  });
  const batch = await lab.deliver('a', 'b', 'c', 'poison', 'e', 'f', 'g', 'h');
  assert.deepEqual(batch.with('dead-lettered'), ['poison']);
  assert.equal(lab.letters[0]?.code, 'RECORD_REFUSED');
  assert.equal(lab.letters[0].reason, 'bad request');
  assert.deepEqual(lab.sent.slice(1), [
    ['a', 'b', 'c', 'poison'],
    ['a', 'b'],
    ['c', 'poison'],
    ['c'],
    ['poison'],
    ['e', 'f', 'g', 'h'],
  ]);
  assert.deepEqual(lab.limits, [], 'the size was not to blame');
  assert.equal(lab.clock.monotonic(), 0, 'nothing was waited for');
});

test('a body that is too large is halved, the limit is lowered, and a single record too large is a dead letter', async () => {
  const lab = new DeliveryLab({
    send: (items) => (items.join('').length > 4 ? fail(new TooLargeError('more than 4 bytes'))() : 'accepted'),
    plain: (item) => item,
  });
  const batch = await lab.deliver('aa', 'bb', 'cc', 'a giant');
  assert.deepEqual(batch.with('delivered'), ['aa', 'bb', 'cc']);
  assert.deepEqual(
    lab.letters.map(({ code, text }) => [code, text.toString()]),
    [['RECORD_TOO_LARGE', 'line a giant']],
  );
  assert.deepEqual(lab.limits, [6, 4]);
  assert(!lab.delivery.stats.failing);
});

test('a body that breaks its connection twice counts as too large when the destination works', async () => {
  const [a, b] = ['a'.repeat(100_000), 'b'.repeat(100_000)];
  const lab = new DeliveryLab({ send: (items) => (items.length > 1 ? fail(broken())() : 'accepted') });
  const batch = await lab.deliver(a, b);
  assert.deepEqual(lab.sent, [[a, b], [a, b], [a], [b]]);
  assert.deepEqual(batch.with('delivered'), [a, b]);
  assert.deepEqual(lab.limits, [100_000]);
});

test('a single large record that does it is a dead letter', async () => {
  const giant = 'x'.repeat(100_000);
  const lab = new DeliveryLab({ send: (items) => (items.includes(giant) ? fail(broken())() : 'accepted') });
  const batch = await lab.deliver('a', giant);
  assert.deepEqual(batch.with('dead-lettered'), [giant]);
  assert.equal(lab.letters[0]?.code, 'RECORD_TOO_LARGE');
});

test('a small record never is, and small bodies do not lower the limit to their size', async () => {
  const lab = new DeliveryLab({ send: script(...Array.from({ length: 9 }, () => fail(broken())), all) });
  const batch = await lab.deliver('a', 'b');
  assert.deepEqual(batch.with('delivered'), ['a', 'b']);
  assert.deepEqual(lab.limits, [64 * 1024]);
});

test('an outage that breaks every connection halves nothing, lowers no limit and kills no record', async () => {
  let up = false;
  const lab = new DeliveryLab({
    send: () => (up ? 'accepted' : fail(broken())()),
    check: () => Promise.reject(new Error('down')),
  });
  const batch = lab.submit('a', 'b');
  await lab.clock.advance(3_600_000);
  up = true;
  await lab.clock.until(() => lab.settled.length === 1);
  assert.deepEqual(batch.with('delivered'), ['a', 'b']);
  assert(lab.sent.every((items) => items.length === 2));
  assert.deepEqual(lab.limits, []);
});

test('a body no larger than one that was accepted is never too large, however often it breaks', async () => {
  const lab = new DeliveryLab({
    send: script(all, fail(broken()), fail(broken()), fail(broken()), fail(broken()), all),
  });
  await lab.deliver('aaaa', 'bbbb');
  const batch = await lab.deliver('cccc', 'dddd');
  assert.deepEqual(batch.with('delivered'), ['cccc', 'dddd']);
  assert(lab.sent.every((items) => items.length === 2));
});

test('broken, refused, broken is not twice in a row', async () => {
  const lab = new DeliveryLab({ send: script(fail(broken()), fail(unreachable()), fail(broken()), all) });
  await lab.deliver('a', 'b');
  assert(lab.sent.every((items) => items.length === 2));
});

test('a reply with too few outcomes is no reply', async () => {
  const lab = new DeliveryLab({ send: script(() => [accepted], all) });
  const batch = await lab.deliver('a', 'b');
  assert.deepEqual(lab.sent, [
    ['a', 'b'],
    ['a', 'b'],
  ]);
  assert.deepEqual(batch.with('delivered'), ['a', 'b']);
  assert.equal(lab.delivery.stats.sends.get('OUTPUT_INVALID_REPLY'), 1);
});

test('a bug in an output is retried, and logged once with its stack', async () => {
  const bug = new TypeError('undefined is not a function');
  const lab = new DeliveryLab({ send: script(fail(bug), fail(bug), fail(bug), all) });
  const batch = await lab.deliver('a');
  assert.deepEqual(batch.with('delivered'), ['a']);
  assert.equal(lab.delivery.stats.lastError?.code, 'INTERNAL');
  const errors = lab.logged.filter(({ level }) => level === 'error');
  assert.deepEqual(
    errors.map(({ fields }) => fields),
    [{ output: 'es', code: 'INTERNAL', err: bug }],
  );
});

test('while dead letters cannot be written the lane is blocked, and no record is settled', async () => {
  const letters: string[] = [];
  let room = 0;
  const lab = new DeliveryLab({
    send: (items) => items.map(() => refused),
    deadLetters: {
      append: (more) => {
        if (letters.length === room) return Promise.reject(new DeadLettersBlockedError('full'));
        const written = more.slice(0, room - letters.length);
        letters.push(...written.map(({ id }) => id));
        return Promise.resolve(written.length);
      },
    },
  });
  const batch = lab.submit('a', 'b', 'c');
  await lab.clock.advance(20_000);
  const { stats } = lab.delivery;
  assert.deepEqual([stats.state, stats.failing, stats.lastError?.code], ['blocked', true, 'DEAD_LETTERS_BLOCKED']);
  assert.equal(batch.fates.size, 0);
  room = 2;
  await lab.clock.advance(5_000);
  assert.deepEqual(batch.with('dead-lettered'), ['a', 'b']);
  assert.equal(stats.state, 'blocked');
  room = 3;
  await lab.clock.advance(5_000);
  assert.deepEqual(letters, ['id-a', 'id-b', 'id-c']);
  assert.deepEqual(lab.settled, [batch]);
  assert.deepEqual([stats.state, stats.failing], ['idle', false]);
});

test('a lane that waits for room in its dead letters goes on at once when somebody makes it', async () => {
  let full = true;
  let makeRoom = (): void => {};
  let given = 0;
  const lab = new DeliveryLab({
    send: (items) => items.map(() => refused),
    deadLetters: {
      append: (more) => (full ? Promise.reject(new DeadLettersBlockedError('full')) : Promise.resolve(more.length)),
      whenRoom: (signal) => {
        given++;
        signal.addEventListener('abort', () => given--, { once: true });
        return new Promise((resolve) => (makeRoom = resolve));
      },
    },
  });
  const batch = lab.submit('a');
  await lab.clock.advance(0);
  assert.equal(lab.delivery.stats.state, 'blocked');
  full = false;
  makeRoom();
  await lab.clock.advance(0);
  assert.deepEqual(batch.with('dead-lettered'), ['a']);
  assert.equal(given, 0, 'nobody is left waiting for room');
});

test('dead letters are written in pieces of bounded size', async () => {
  const sizes: number[] = [];
  const lab = new DeliveryLab({
    send: (items) => items.map(() => refused),
    deadLetters: {
      append: (letters) => {
        sizes.push(letters.length);
        return Promise.resolve(letters.length);
      },
    },
  });
  const batch = new MemoryBatch(['a', 'b', 'c', 'd', 'e']);
  batch.originalText = () => Promise.resolve(Buffer.alloc(100_000, 'x'));
  await lab.delivery.submit(batch, lab.stop.signal);
  await lab.clock.until(() => lab.settled.length === 1);
  assert.deepEqual(sizes, [3, 2]);
});

test('the log tells of a flood of dead letters once a minute', async () => {
  const lab = new DeliveryLab({ send: (items) => items.map(() => refused) });
  for (let n = 0; n < 10; n++) await lab.deliver(`${n}a`, `${n}b`);
  await lab.clock.advance(60_000);
  await lab.deliver('z');
  assert.deepEqual(
    lab.logged.map(({ fields }) => fields),
    [
      { output: 'es', code: 'RECORD_REFUSED', records: 2 },
      { output: 'es', code: 'RECORD_REFUSED', records: 19 },
    ],
  );
});

test('an abort ends a request and gives the batch back with its records pending', async () => {
  const lab = new DeliveryLab({
    send: (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  });
  const [sending, queued] = [lab.submit('a'), lab.submit('b')];
  await lab.clock.settle();
  lab.stop.abort();
  await lab.clock.settle();
  assert.deepEqual(new Set(lab.abandoned), new Set([sending, queued]));
  assert.deepEqual(lab.settled, []);
  assert.equal(sending.fates.size, 0);
  assert.equal(lab.sent.length, 1);
  await lab.delivery.idle();
  assert.equal(lab.clock.waiting, 0);
});

test('an answer that comes after the abort settles nothing', async () => {
  let answer = () => {};
  const lab = new DeliveryLab({ send: () => new Promise((resolve) => (answer = () => resolve('accepted'))) });
  const batch = lab.submit('a');
  await lab.clock.settle();
  lab.stop.abort();
  answer();
  await lab.clock.settle();
  assert.deepEqual([lab.abandoned, batch.fates.size], [[batch], 0]);
});

test('a dead letter that is written when the abort comes settles nothing: the next start finds it written', async () => {
  let write = () => {};
  const lab = new DeliveryLab({
    send: () => [refused],
    deadLetters: { append: () => new Promise((resolve) => (write = () => resolve(1))) },
  });
  const batch = lab.submit('a');
  await lab.clock.settle();
  lab.stop.abort();
  write();
  await lab.clock.settle();
  assert.deepEqual([lab.abandoned, batch.fates.size], [[batch], 0]);
});

test('when the one that tries for all is given up, another tries', async () => {
  const lab = new DeliveryLab({
    send: script(
      fail(unreachable()),
      fail(unreachable()),
      () =>
        new Promise<'accepted'>((_, reject) =>
          trying.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
      all,
    ),
    concurrency: 2,
  });
  const trying = new AbortController();
  const [first, second] = [new MemoryBatch(['a']), new MemoryBatch(['b'])];
  await lab.delivery.submit(first, trying.signal);
  await lab.delivery.submit(second, lab.stop.signal);
  await lab.clock.advance(60_000);
  assert.deepEqual(lab.sent, [['a'], ['b'], ['a']]);
  trying.abort();
  await lab.clock.until(() => lab.settled.length === 1);
  assert.deepEqual([lab.abandoned, lab.settled], [[first], [second]]);
});

test('an abort ends a backoff, a pause and a wait for dead letters', async () => {
  const cases = [
    new DeliveryLab({ send: fail(unreachable()) }),
    new DeliveryLab({ send: () => [busy] }),
    new DeliveryLab({
      send: () => [refused],
      deadLetters: { append: () => Promise.reject(new DeadLettersBlockedError('full')) },
    }),
  ];
  for (const lab of cases) {
    lab.submit('a');
    await lab.clock.advance(0);
    assert.equal(lab.clock.waiting, 1);
    lab.stop.abort();
    await lab.clock.settle();
    assert.equal(lab.abandoned.length, 1);
    assert.equal(lab.clock.waiting, 0);
  }
});

test('a drain gives whoever waits one attempt at once, and short waits after it', async () => {
  let up = false;
  const lab = new DeliveryLab({
    send: () => (up ? 'accepted' : fail(new RetryableError('OUTPUT_BUSY', '429', { retryAfterMs: 60_000 }))()),
  });
  lab.submit('a');
  await lab.clock.advance(1_000);
  assert.equal(lab.sent.length, 1);
  up = true;
  lab.delivery.beginDrain();
  await lab.clock.settle();
  assert.equal(lab.settled.length, 1);
});

test('a drain also ends the wait of records that were put off', async () => {
  const lab = new DeliveryLab({ send: script(() => [{ ...busy, retryAfterMs: 60_000 }], all) });
  lab.submit('a');
  await lab.clock.advance(0);
  lab.delivery.beginDrain();
  await lab.clock.settle();
  assert.equal(lab.settled.length, 1);
});

test('an output that is over is reported once, and every batch comes back', async () => {
  const lab = new DeliveryLab({ send: fail(new OutputClosedError('the reader went away')), concurrency: 2 });
  lab.submit('a');
  lab.submit('b');
  lab.submit('c');
  await lab.delivery.idle();
  assert.equal(lab.closed.length, 1);
  assert.equal(lab.abandoned.length, 3);
  assert(lab.sent.length <= 2);
});

test('two batches with refused records take turns at the room for plain forms', async () => {
  const answers: (() => void)[] = [];
  const lab = new DeliveryLab({
    send: (items) =>
      items[0]!.startsWith('P')
        ? new Promise((resolve) => answers.push(() => resolve('accepted')))
        : items.map(() => refused),
    plain: (item) => item,
    concurrency: 2,
  });
  const batches = [lab.submit('a'), lab.submit('b')];
  await lab.clock.settle();
  assert.equal(answers.length, 1);
  answers.shift()!();
  await lab.clock.settle();
  answers.shift()!();
  await lab.clock.until(() => lab.settled.length === 2);
  assert.deepEqual(
    batches.map((batch) => batch.with('delivered')),
    [['a'], ['b']],
  );
  assert.deepEqual(lab.sent.slice(2), [['Pa'], ['Pb']]);
});

test('seconds of an attempt are counted in the first bucket they fit in', async () => {
  const lab: DeliveryLab = new DeliveryLab({
    send: async () => {
      await lab.clock.wait(300);
      return all();
    },
  });
  await lab.deliver('a');
  const { count, sum, buckets } = lab.delivery.stats.sendSeconds;
  assert.deepEqual([count, sum], [1, 0.3]);
  assert.deepEqual(buckets, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
});

test('a server that talks at length does not fill the memory', async () => {
  const lab = new DeliveryLab({ send: script(fail(new RetryableError('OUTPUT_BUSY', 'x'.repeat(1e6))), all) });
  await lab.deliver('a');
  assert(lab.delivery.stats.lastError!.message.length <= 1_001);
});
