import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { planOf } from './torture/plan.js';
import { missingPrograms } from './torture/programs.js';
import { totals } from './torture/result.js';
import { runPlan } from './torture/run.js';

// The short form of `npm run test:torture`: a new seed each time, the old ones are in docs/reliability.md.
test(
  'twenty seconds of writers, kills and faults: every line once, in order, and accounted for',
  { timeout: 115_000 },
  async (t) => {
    const seed = randomInt(2 ** 31);
    t.diagnostic(`seed ${seed}: npm run test:torture -- --seconds 20 --lines-per-second 800 --seed ${seed}`);
    const result = await runPlan(planOf({ seed, seconds: 20, linesPerSecond: 800 }), {
      missing: missingPrograms(false),
    });
    t.diagnostic(totals(result));
    // What is wrong first, as what prints it may cut it.
    const wrong = result.wrong.map((one) => one.slice(0, 500)).join('\n');
    assert.deepEqual(result.wrong, [], `seed ${seed}\n${wrong}\n\n${result.story.slice(-20_000)}`);
    assert.ok(result.lines > 2_000, `${result.lines} lines`);
  },
);
