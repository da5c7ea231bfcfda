import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { cannotMount, SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

/** What an application says whenever it starts, byte for byte: nothing tells the files apart that begin with it. */
const banner = numbered('starting, as always', 4);

/** Writes more and more of the same until the disk of the state took the last of it that it can. @returns all that was written */
async function untilFull(lab: Lab, disk: SmallDisk): Promise<string[]> {
  const written = [...banner];
  await lab.logs.append('app.log', asText(banner));
  await lab.shows('a commit', ({ state, outputs }) => {
    return state.last_commit !== null && (outputs.elasticsearch?.ledger.delivered ?? 0) > 0;
  });
  await disk.fill();
  await until(
    async () => {
      const more = numbered('still starting', 1, written.length);
      written.push(...more);
      await lab.logs.append('app.log', asText(more));
      await lab.caughtUp();
      return !(await lab.health()).state.durable;
    },
    { what: 'the disk of the state is full' },
  );
  return written;
}

/** Waits until each of these texts is stored at least once. */
async function stored(lab: Lab, expected: readonly string[]): Promise<void> {
  const missing = () => {
    const there = new Set(lab.server.stored.map(textOf));
    return expected.filter((line) => !there.has(line));
  };
  await until(() => missing().length === 0, {
    what: `${expected.length} lines are stored`,
    instead: () => `missing: ${missing().slice(0, 5).join(', ')}\n${lab.agent.tail()}`,
  });
}

async function twoTruncations(same: boolean, freed: boolean): Promise<void> {
  await using lab = await prepareAgent();
  lab.ledgerBytes = () => undefined;
  using disk = new SmallDisk(lab.stateDir, '1m');
  await lab.start();
  const start = await untilFull(lab, disk);
  // Lines of the same length, so that records of one content would have the ids of another.
  const [first, second, third] = ['first', 'other', 'third'].map((label) => numbered(label, 50)) as [
    string[],
    string[],
    string[],
  ];
  const beginning = (label: string): string[] => (same ? start : [`a start of its own: ${label}`]);
  await lab.logs.append('app.log', asText(first));
  await stored(lab, [...start, ...first]);
  await lab.logs.truncate('app.log');
  await lab.logs.append('app.log', asText([...beginning('second'), ...second]));
  await stored(lab, [...beginning('second'), ...second]);
  await lab.server.down();
  await lab.logs.truncate('app.log');
  await lab.logs.append('app.log', asText([...beginning('third'), ...third]));
  await lab.shows('the third content', ({ files }) => {
    return files.some(({ size }) => size === asText([...beginning('third'), ...third]).length);
  });
  await lab.kill9();
  if (freed) await disk.makeRoom();
  await lab.server.up();
  await lab.start();
  await stored(lab, [...beginning('third'), ...third]);
  assert.deepEqual(await lab.deadLetters(), []);
}

if (cannotMount !== false) {
  test('two truncations on a full state disk', { skip: cannotMount }, () => {});
} else {
  for (const same of [false, true])
    for (const freed of [true, false])
      scenario(
        `two truncations on a full state disk and a kill, ${same ? 'the contents begin alike' : 'each content begins otherwise'}, ${freed ? 'room made' : 'still full'} at the restart: no line is lost`,
        () => twoTruncations(same, freed),
      );
}
