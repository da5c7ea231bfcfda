import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planOf, type Plan } from './plan.js';
import { missingPrograms } from './programs.js';
import { totals } from './result.js';
import { runPlan } from './run.js';
import { shrink } from './shrink.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    'lines-per-second': { type: 'string', default: '1250' },
    replay: { type: 'string' },
    json: { type: 'string' },
    'fail-fast': { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
  },
});

/** Each takes up to the plan's time. */
const shrinkAttempts = 24;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const plan =
  values.replay === undefined
    ? planOf({
        seed: values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed),
        seconds: Number(values.seconds),
        linesPerSecond: Number(values['lines-per-second']),
      })
    : (JSON.parse(readFileSync(values.replay, 'utf8')) as Plan);
say(`seed ${plan.seed}`);
const missing = missingPrograms(true);
const kept = join(tmpdir(), `pannier-torture-failed-${plan.seed}-${process.pid}`);
const result = await runPlan(plan, {
  keep: join(kept, 'files'),
  progress: say,
  missing,
  stop: stop.signal,
  failFast: values['fail-fast'],
});
if (!result.passed) {
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, 'plan.json'), JSON.stringify(plan));
  writeFileSync(join(kept, 'story.txt'), result.story);
  say(`the plan (--replay) and what happened: ${kept}`);
  if (!values['no-shrink'] && !stop.signal.aborted) await shrinkTo(join(kept, 'smallest.json'));
}
say(totals(result));
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ ...result, story: undefined }, undefined, 1)}\n`);
/** Looks for the smallest plan that fails as well, and keeps it as a file. */
async function shrinkTo(file: string): Promise<void> {
  const smallest = await shrink(plan, {
    attempts: shrinkAttempts,
    fails: async (smaller) =>
      !(await runPlan(smaller, { missing, stop: stop.signal, failFast: true })).passed && !stop.signal.aborted,
    found: ({ seconds, writers, faults }) =>
      say(`fails as well: ${seconds} s, ${writers.length} writers, ${faults.length} faults`),
  });
  writeFileSync(file, JSON.stringify(smallest));
  const kinds = [...new Set([...smallest.writers, ...smallest.faults].map(({ kind }) => kind))];
  say(`the smallest plan that fails (--replay ${file}): ${smallest.seconds} s, ${kinds.join(', ')}`);
}

say(`# pass ${result.passed ? 1 : 0}`);
say(`# fail ${result.passed ? 0 : 1}`);
process.exit(result.passed ? 0 : 1);
