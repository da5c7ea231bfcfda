import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edges } from '../support/lines/edges.js';
import { differenceOf, TwinLanes, type TwinFile } from '../support/twin-lanes.js';

const world = {
  layout: 'http',
  timezone: 'UTC',
  statics: { service: { name: 'pay' }, team: 'payments', deployment_environment: 'prod' },
  turnBytes: 65_536,
  batchRecords: 10_000,
  batchBytes: 1_000_000,
  limitBytes: 1_000_000,
  recordBytes: 1_000_000,
  spanMs: Infinity,
  slackBytes: 65_536,
  turnsPerBatch: 1000,
} as const;

const bytesOf = (lines: readonly Buffer[]): number => lines.reduce((sum, { length }) => sum + length, 0);

/** So many lines decide what is in wrappers. */
const deciding = 25;

for (const [name, listed] of Object.entries(edges))
  test(`${name}: by the kernel or as objects, all of them give the same`, async () => {
    const { format, usual, lines, hasParts = false, maxLineBytes = 65_536 } = listed();
    const usualLine = Buffer.from(`${usual}\n`);
    // Behind each comes a line that the kernel takes: so it has been asked for each, too.
    const pairs = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n'), usualLine]);
    const first = Array.from({ length: deciding }, () => usualLine);
    const file: TwinFile = {
      lines: [...first, ...pairs],
      // Behind these begins a new turn, which asks the kernel first.
      looks: [(bytesOf(first) + 0.5) / bytesOf([...first, ...pairs])],
      flushes: false,
      remembered: '',
      mtimeMs: 1,
      base: 0,
    };
    const lanes = new TwinLanes({ ...world, format, maxLineBytes });
    const byBytes = await lanes.run('bytes', [file]);
    assert.equal(differenceOf(byBytes, await lanes.run('objects', [file])), undefined);
    assert.ok(
      lanes.taken >= lines.length * (hasParts ? 0.6 : 0.95),
      `${lanes.taken} lines taken, ${lines.length} between them`,
    );
  });

const borders: Readonly<Record<string, readonly string[]>> = {
  json: [
    '{"level":30,"time":1795000000123,"msg":"caf\u00e9 \\u00e9"}\n',
    '\r\n',
    '{"a":"\u{1f642}"}\r\n',
    'x\n',
    '{"level":"warn","msg":"\\n"}\n',
  ],
  raw: ['caf\u00e9\n', '\n', ' \t\r\n', '\0\0\u20ac\r\r\n', '"\u{1f642}\n'],
  cri: [
    '2026-11-20T09:15:02Z stdout F caf\u00e9\n',
    '2026-11-20T09:15:02.5Z stderr P a\n',
    '2026-11-20T09:15:03Z stderr F b\r\n',
    '2026-11-20T09:15:02Z stdout F \n',
  ],
  docker: [
    '{"log":"a b\\n","stream":"stdout","time":"2026-11-20T09:15:02.123456789Z"}\n',
    '{"log":"b","stream":"stdout","time":"2026-11-20T09:15:02.123456789Z"}\n',
    '{"log":"c d\\n","stream":"stdout","time":"2026-11-20T09:15:03.123456789Z"}\n',
  ],
};

for (const [format, lines] of Object.entries(borders))
  test(`${format}: two reads with their border at any byte give the same, by the kernel or as objects`, async () => {
    const first = Array.from({ length: deciding }, () => Buffer.from(lines[0]!));
    const some = [...first, ...lines, ...lines].map((line) => Buffer.from(line));
    const length = bytesOf(some);
    for (const flushes of [false, true]) {
      const lanes = new TwinLanes({ ...world, format, maxLineBytes: 1000 });
      const begin = bytesOf(first);
      for (let border = begin; border < length; border += 1) {
        const looks = [begin, border].map((at) => (at + 0.5) / length);
        const file = { lines: some, looks, flushes, remembered: '', mtimeMs: 1, base: 0 };
        const byBytes = await lanes.run('bytes', [file]);
        assert.equal(differenceOf(byBytes, await lanes.run('objects', [file])), undefined, `border at ${border}`);
      }
      assert.ok(lanes.taken > length - begin, `${lanes.taken} lines taken`);
    }
  });

test('a slot that is full at any byte takes the same records, by the kernel or as objects', async () => {
  const lines = ['plain', '"', '\u0001'.repeat(300), 'x'.repeat(200), '\xff\xff', '"\\'.repeat(200), 'caf\u00e9'].map(
    (line) => Buffer.from(`${line}\n`),
  );
  const many = Array.from({ length: 12 }, () => lines).flat();
  const file = { lines: many, looks: [], flushes: false, remembered: '', mtimeMs: 1, base: 0 };
  for (let slackBytes = 4096; slackBytes < 4096 + 700; slackBytes += 1) {
    const small = { ...world, batchBytes: 20_000, maxLineBytes: 1000, slackBytes, layout: 'cloudwatch line' } as const;
    const lanes = new TwinLanes({ ...small, format: 'raw' });
    const byBytes = await lanes.run('bytes', [file]);
    assert.equal(differenceOf(byBytes, await lanes.run('objects', [file])), undefined, `${slackBytes} bytes`);
    assert.ok(byBytes.bodies.length > 1 && lanes.taken > 20, 'slots are full, and filled by the kernel');
  }
});
