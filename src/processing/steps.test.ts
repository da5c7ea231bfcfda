import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipelineOf, recordOf } from '../../test/support/processing.js';
import { readSample, readThrottle } from '../types/rates.js';
import type { Level, LogRecord } from '../types/record.js';
import { withoutFields } from './fields.js';

const levels: readonly (Level | undefined)[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', undefined];
const membersOf = (record: LogRecord): string[] => record.members.map(({ key, json }) => `${key}=${json}`);

test('a minimum level holds back what is below it, and nothing that has no level', async () => {
  const pipeline = await pipelineOf({ minLevel: 'warn' });
  const held = levels.filter((level) => pipeline.heldBackBy(recordOf({ level }), 0, 0) === 'min_level');
  assert.deepEqual(held, ['trace', 'debug', 'info']);
});

test('a sample is the share that was asked for, the same each time, without errors, and by key as a whole', async () => {
  const records = Array.from({ length: 4000 }, (_, i) =>
    recordOf(
      { level: i % 2 === 0 ? 'info' : undefined, start: i * 97, end: i * 97 + 5 },
      { trace: { id: `t${i % 400}` } },
    ),
  );
  const passing = async (sample: string, list = records): Promise<LogRecord[]> => {
    const pipeline = await pipelineOf({ sample });
    return list.filter((record) => pipeline.heldBackBy(record, 0, 0) === undefined);
  };
  const tenth = await passing('10%');
  assert.ok(Math.abs(tenth.length - 400) < 80, String(tenth.length));
  assert.deepEqual(await passing('0.1'), tenth);
  const errors = records.map((record) => ({ ...record, level: 'error' as const }));
  assert.equal((await passing('10%', errors)).length, 4000);
  assert.equal((await passing('10% including errors', errors)).length, tenth.length);
  const keyed = await passing('25% by trace.id');
  const keys = new Set(keyed.map(({ members }) => members[0]?.json));
  assert.equal(keyed.length, keys.size * 10);
  assert.ok(Math.abs(keys.size - 100) < 40, String(keys.size));
});

test('all parts of a line have one fate in a sample', async () => {
  const pipeline = await pipelineOf({ sample: '50%' });
  for (let offset = 0; offset < 2000; offset += 100) {
    const fates = [0, 1, 2].map((index) =>
      pipeline.heldBackBy(recordOf({ start: offset + index * 10, part: { offset, index, last: index === 2 } }), 0, 0),
    );
    assert.equal(new Set(fates).size, 1);
  }
});

test('a throttle counts each key in each second of the records, and says so by a summary', async () => {
  const pipeline = await pipelineOf({ throttle: '2/s by level' });
  const at = (level: Level, timeMs: number, start: number): string | undefined =>
    pipeline.heldBackBy(recordOf({ level, timeMs, start }), timeMs, 500);
  const fates = [
    at('info', 1000, 0),
    at('info', 1001, 10),
    at('info', 1002, 20),
    at('warn', 1003, 30),
    at('info', 1999, 40),
  ];
  assert.deepEqual(fates, [undefined, undefined, 'throttle', undefined, 'throttle']);
  assert.equal(at('info', 2000, 50), undefined);
  const { fileId } = recordOf({}).file;
  assert.equal(pipeline.held.dueAt(fileId), 10_500);
  assert.deepEqual(pipeline.held.due(fileId, 10_000), []);
  const [held] = pipeline.held.due(fileId, 10_500);
  assert.ok(held !== undefined);
  const summary = recordOf({});
  pipeline.summarize(held, summary);
  assert.equal(summary.text.toString(), 'throttled: 2 records of info in 1 s');
  assert.deepEqual([summary.start, summary.end, summary.level, summary.timeMs], [20, 20, 'warn', 1999]);
  assert.match(membersOf(summary).join(), /"action":"throttled","count":2/);
});

test('more keys than a throttle keeps share one count', async () => {
  const pipeline = await pipelineOf({ throttle: '1/s by user' });
  for (let user = 0; user < 4096; user++)
    assert.equal(pipeline.heldBackBy(recordOf({ start: user }, { user }), 1000, 0), undefined);
  const more = [1, 2, 3].map((n) => pipeline.heldBackBy(recordOf({ start: 5000 + n }, { user: `more${n}` }), 1000, 0));
  assert.deepEqual(more, [undefined, 'throttle', 'throttle']);
});

test('what is taken back has not been counted', async () => {
  const pipeline = await pipelineOf({ throttle: '2/s', dedupe: true });
  const { journal, held } = pipeline;
  const offer = (start: number): [string | undefined, boolean] => {
    const record = recordOf({ start, end: start + 5 });
    return [pipeline.heldBackBy(record, 1000, 0), pipeline.isRepeat(record, 0)];
  };
  assert.deepEqual(offer(0), [undefined, false]);
  for (let again = 0; again < 3; again++) {
    const before = journal.length;
    assert.deepEqual(offer(10), [undefined, true]);
    assert.equal(held.due('f'.repeat(24), Infinity)[0]?.count, 1);
    journal.undo(before);
    assert.deepEqual(held.due('f'.repeat(24), Infinity), []);
  }
  journal.mark();
  for (const start of [10, 20, 30]) offer(start);
  assert.equal(held.due('f'.repeat(24), Infinity).length, 2);
  journal.backToMark();
  assert.deepEqual(held.due('f'.repeat(24), Infinity), []);
  assert.deepEqual(offer(10), [undefined, true]);
});

test('repeats are held back until another record comes, which their summary precedes', async () => {
  const pipeline = await pipelineOf({ dedupe: true, redact: ['email'] });
  const say = (message: string, start: number, level: Level = 'info', timeMs = 0): boolean =>
    pipeline.isRepeat(recordOf({ message, start, level, timeMs }, { user: 7 }), 0);
  assert.deepEqual(
    [say('eve@example.com', 0), say('eve@example.com', 10, 'info', 5), say('eve@example.com', 20)],
    [false, true, true],
  );
  assert.equal(say('eve@example.com', 30, 'warn'), false);
  const other = recordOf({ message: 'other', start: 40 });
  assert.equal(pipeline.endedBy(other), undefined, 'the warning ended them');
  const [held] = pipeline.held.due(other.file.fileId, Infinity);
  assert.ok(held !== undefined);
  const summary = recordOf({});
  pipeline.summarize(held, summary);
  assert.equal(summary.text.toString(), 'repeated 2 times: [redacted:email]');
  assert.equal(summary.start, 10);
});

test('the record that ends a run of repeats is told of them', async () => {
  const pipeline = await pipelineOf({ dedupe: true });
  for (const start of [0, 10, 20]) pipeline.isRepeat(recordOf({ message: 'same', start }), 0);
  assert.equal(pipeline.endedBy(recordOf({ message: 'same', start: 30 })), undefined);
  const held = pipeline.endedBy(recordOf({ message: 'other', start: 30 }));
  assert.equal(held?.count, 2);
  pipeline.held.told(held);
  assert.equal(pipeline.endedBy(recordOf({ message: 'other', start: 30 })), undefined);
});

test('fields are dropped and renamed wherever they lie, and what is there is not written over', async () => {
  const pipeline = await pipelineOf({
    dropFields: ['secret', 'a.b.c', 'log.level', 'x.y'],
    renameFields: { usr: 'user.name', 'a.d': 'd', taken: 'there', gone: 'here' },
  });
  const record = recordOf(
    { level: 'info', logger: 'l' },
    { secret: 1, a: { b: { c: 1 }, d: [2] }, usr: 'eve', taken: 1, there: 2, 'x.y': 3, x: { y: 4 }, keep: 'k' },
  );
  pipeline.shape(record);
  assert.equal(record.level, undefined);
  assert.equal(record.logger, 'l');
  assert.deepEqual(membersOf(record), ['taken=1', 'there=2', 'keep="k"', 'user.name="eve"', 'd=[2]']);
});

test('what the agent adds can be dropped too', () => {
  const statics = { kubernetes: { pod: { name: 'p' }, labels: { a: '1' } }, host: { name: 'h' } };
  assert.deepEqual(withoutFields(statics, ['kubernetes.labels', 'host', 'nothing.there']), {
    kubernetes: { pod: { name: 'p' } },
  });
});

test('rates are read as they are written, and nothing else is', () => {
  assert.deepEqual(readSample('12.5% by a.b including errors'), {
    value: { share: 0.125, key: 'a.b', includingErrors: true },
  });
  assert.deepEqual(readThrottle('100/m by level'), { value: { records: 100, perMs: 60_000, key: 'level' } });
  for (const wrong of ['0', '2', '200%', 'ten', '10% by', '-1', '10% except errors'])
    assert.ok('problem' in readSample(wrong), wrong);
  for (const wrong of ['0/s', '1', '1/d', '1.5/s', 's', '10/s by', '-1/s'])
    assert.ok('problem' in readThrottle(wrong), wrong);
});
