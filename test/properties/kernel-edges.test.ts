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

/** So many lines decide what is in wrappers. */
const deciding = 25;

for (const [name, listed] of Object.entries(edges))
  test(`${name}: by the kernel or as objects, all of them give the same`, async () => {
    const { format, usual, lines, hasParts = false, maxLineBytes = 65_536 } = listed();
    const usualLine = Buffer.from(`${usual}\n`);
    // Behind each comes a line that the kernel takes: so it has been asked for each, too.
    const pairs = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n'), usualLine]);
    const first = Array.from({ length: deciding }, () => usualLine);
    const bytes = (some: readonly Buffer[]): number => some.reduce((sum, { length }) => sum + length, 0);
    const file: TwinFile = {
      lines: [...first, ...pairs],
      // Behind these begins a new turn, which asks the kernel first.
      looks: [(bytes(first) + 0.5) / bytes([...first, ...pairs])],
      flushes: false,
      remembered: '',
      mtimeMs: 1,
      base: 0,
    };
    const lanes = new TwinLanes({ ...world, format, maxLineBytes });
    const byBytes = await lanes.run('bytes', [file]);
    assert.equal(differenceOf(byBytes, await lanes.run('objects', [file])), undefined);
    assert.ok(
      lanes.taken >= lines.length * (hasParts ? 0.6 : 0.99),
      `${lanes.taken} lines taken, ${lines.length} between them`,
    );
  });
