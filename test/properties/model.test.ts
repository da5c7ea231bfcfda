import { test } from 'node:test';
import fc from 'fast-check';
import { startAgent } from '../support/lab.js';
import { LogScript, type Action } from './log-script.js';

/** PANNIER_SEED replays a run; PANNIER_MODEL_SECONDS makes it longer. Steps meet the agent at other moments each time, so a replay is a good try, no proof. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(process.env.PANNIER_MODEL_SECONDS ?? '35');
/** Scripts wait more than they compute: so many run side by side. */
const sideBySide = 3;

const file = fc.nat({ max: 1 });
const length = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 200 }) },
  { weight: 1, arbitrary: fc.nat({ max: 20_000 }) },
);
const write = fc.record({
  kind: fc.constant('write' as const),
  file,
  lines: fc.oneof(
    fc.array(length, { minLength: 1, maxLength: 30 }),
    fc.constant(Array.from({ length: 400 }, () => 60)),
  ),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: write },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write part' as const), file, length: fc.nat({ max: 100 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rename' as const), file }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('truncate' as const, 'copytruncate' as const, 'delete' as const, 'write late' as const),
      file,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'start' as const, 'reload' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'busy items' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('server down' as const, 'server up' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('look' as const, 'settle' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom(
        { kind: 'lost-reply' } as const,
        { kind: 'reset' } as const,
        { kind: 'status', status: 503 } as const,
        { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.nat({ max: 250 }) }) },
);
const script = fc.array(action, { minLength: 12, maxLength: 30 });

/** So much at once that a lane with small batches is far behind, and jumps. */
const burst = fc.record({
  kind: fc.constant('write' as const),
  file,
  lines: fc.constant(Array.from({ length: 2500 }, () => 60)),
});
const burstScript = fc.array(fc.oneof({ weight: 6, arbitrary: action }, { weight: 1, arbitrary: burst }), {
  minLength: 12,
  maxLength: 30,
});
const newestFirst = { PANNIER_CATCH_UP: 'newest-first', PANNIER_ELASTICSEARCH_BATCH_MAX_BYTES: '24KiB' };

async function runScript(actions: readonly Action[], label: string, catchesUp: boolean): Promise<void> {
  const env = { PANNIER_PARTIAL_LINE_TIMEOUT: '5m', PANNIER_DRAIN_TIMEOUT: '25s', ...(catchesUp ? newestFirst : {}) };
  await using lab = await startAgent({ env });
  // What is truncated away before anyone saw it is nowhere accounted for.
  lab.ledgerBytes = () => undefined;
  let starts = 0;
  // The setting is taken back and given again: what a jump left open is closed either way.
  const running = new LogScript(lab, label, () =>
    catchesUp && ++starts % 3 === 0 ? { PANNIER_CATCH_UP: 'oldest-first' } : {},
  );
  for (const step of actions) await running.run(step);
  await running.finish();
}

test(
  'any mix of write, part of a line, rename, truncation, copytruncate, deletion, kill, restart, outage and reload delivers every line once, in file order',
  { timeout: (seconds + 80) * 1_000 },
  async (t) => {
    t.diagnostic(`PANNIER_SEED=${seed}`);
    let scripts = 0;
    // The last of those side by side catches up newest first.
    const kinds = Array.from({ length: sideBySide }, (_, at) => (at === sideBySide - 1 ? burstScript : script));
    const property = fc.asyncProperty(fc.tuple(...kinds), async (tuple) => {
      const results = await Promise.allSettled(
        tuple.map((actions, at) => runScript(actions, `s${at}`, at === sideBySide - 1)),
      );
      scripts += results.length;
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
    await fc.assert(property, {
      seed,
      numRuns: 1_000,
      interruptAfterTimeLimit: seconds * 1_000,
      markInterruptAsFailure: false,
      includeErrorInReport: true,
    });
    t.diagnostic(`${scripts} scripts`);
  },
);
