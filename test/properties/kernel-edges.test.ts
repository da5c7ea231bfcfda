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
    const { format, usual, lines, maxLineBytes = 65_536 } = listed();
    const usualLine = Buffer.from(`${usual}\n`);
    // Behind each comes a line that the kernel takes: so it has been asked for each, too.
    const pairs = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n'), usualLine]);
    const file: TwinFile = {
      lines: [...Array.from({ length: deciding }, () => usualLine), ...pairs],
      looks: [],
      flushes: false,
      remembered: '',
      mtimeMs: 1,
      base: 0,
    };
    const lanes = new TwinLanes({ ...world, format, maxLineBytes });
    const byBytes = await lanes.run('bytes', [file]);
    assert.equal(differenceOf(byBytes, await lanes.run('objects', [file])), undefined);
    // But for those that a part of a line before them has made a part of.
    assert.ok(lanes.taken >= lines.length * 0.7, `${lanes.taken} lines taken, ${lines.length} between them`);
  });
