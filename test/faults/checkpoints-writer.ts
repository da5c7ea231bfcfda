import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { silentLog } from '../../src/types/log.js';
import { sampleCursor, sampleFile, sampleId } from './checkpoints-samples.js';

/**
 * The child of the tests that kill: takes the directory of its first argument and moves every cursor on, round by round, one commit a round.
 * Says `open`, then the number of each round that is on the disk. With `hold` as its second argument it only holds the lock.
 */
const [stateDir = '', mode] = process.argv.slice(2);
const files = [1, 2, 3, 4, 5];
const outputs = ['es', 'http'];

const checkpoints = await openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog });
await checkpoints.putFiles(files.map((number) => sampleFile(number)));
process.stdout.write('open\n');
if (mode === 'hold') setInterval(() => {}, 1000);
else {
  const first = checkpoints.state.cursors.get('es')?.get(sampleId(1))?.offset ?? 0;
  for (let round = first + 1; ; round++) {
    for (const output of outputs)
      for (const number of files) checkpoints.putCursor(output, sampleId(number), sampleCursor(round));
    await checkpoints.commit();
    process.stdout.write(`${round}\n`);
  }
}
