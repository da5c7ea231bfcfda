/**
 * A program for `test/outputs/stdout.test.ts`: sends `argv[2]` batches of 1024 numbered records through the stdout output and says on standard error, one JSON
 * object a line, what became of them. `argv[3]`: abort each send after so many ms. Then exits as the agent does, by process.exit.
 */
import { constants, readFileSync, writeSync } from 'node:fs';
import { StdoutOutput } from '../../outputs/stdout/index.js';
import { itemsOf, recordOf } from './items.js';

const [batches = 1, abortAfterMs = 0] = process.argv.slice(2).map(Number);
const say = (fact: object) => writeSync(2, `${JSON.stringify(fact)}\n`);

const output = new StdoutOutput(1, 1 << 20);
let turns = 0;
const turning = setInterval(() => say({ turns: ++turns }), 20);
let number = 0;
for (let batch = 0; batch < batches; batch++) {
  const items = itemsOf(
    output,
    Array.from({ length: 1024 }, () => recordOf(`line ${number++}`)),
  );
  const abort = new AbortController();
  const timer = abortAfterMs === 0 ? undefined : setTimeout(() => abort.abort(), abortAfterMs);
  try {
    await output.send(items, abort.signal);
    say({ sent: batch });
  } catch (error) {
    say({ failed: error instanceof Error ? error.name : String(error), aborted: abort.signal.aborted });
    if (!abort.signal.aborted) break;
  }
  clearTimeout(timer);
}
clearInterval(turning);
await output[Symbol.asyncDispose]();
const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8'))?.[1] ?? '';
say({ end: true, nonBlocking: (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0 });
process.exit(0);
