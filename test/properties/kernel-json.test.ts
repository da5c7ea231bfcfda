import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf } from '../support/lines.js';
import { mutate } from '../support/lines/mutation.js';
import { anyLimits, KernelLab } from '../support/kernel-lab.js';
import { Random } from '../support/random.js';

/** As in kernel.test.ts. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const wantedLines = Number(process.env.PANNIER_LINES ?? '60000');

const lab = new KernelLab({ sourceBytes: 1 << 20, slotBytes: 4 << 20, records: 4096, maxLineBytes: 65_536 });
const shape = { wrapper: 'none', content: 'json', zonelessIsUtc: true, joins: false } as const;

/** For each line whether the kernel takes it. */
function takes(lines: readonly Buffer[]): boolean[] {
  const ends: number[] = [];
  let to = 0;
  for (const line of lines) {
    line.copy(lab.source, to);
    to += line.length;
    lab.source[to++] = 0x0a;
    ends.push(to);
  }
  const taken: boolean[] = [];
  for (let at = 0; at < to;) {
    const result = lab.run({ at, to, base: 0, shape, limits: anyLimits, count: 0, used: 0 });
    while ((ends[taken.length] ?? Infinity) <= result.at) taken.push(true);
    at = ends[taken.length] ?? to;
    if (taken.length < lines.length) taken.push(false);
  }
  return taken;
}

/** By JSON.parse alone. Broken UTF-8 is repaired before, as the object path does. */
function isObject(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const isBlank = (line: Buffer): boolean => /^[ \t\r\v\f]*$/.test(line.toString('latin1'));

test('what the kernel takes for a JSON object JSON.parse takes too, however lines are changed', (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  const random = new Random(seed);
  let lines = 0;
  let takenObjects = 0;
  let objects = 0;
  while (lines < wantedLines) {
    const some = Array.from({ length: 500 }, () => {
      const line = Buffer.from(lineOf(random, 'json', random.oneIn(2)));
      return random.oneIn(5) ? line : mutate(random, line);
    }).filter((line) => !line.includes(0x0a));
    const taken = takes(some);
    assert.equal(taken.length, some.length);
    for (const [i, line] of some.entries()) {
      if (isBlank(line)) continue;
      const valid = isObject(line);
      if (taken[i] === true && !valid) assert.fail(`taken: ${JSON.stringify(line.toString('latin1'))}`);
      objects += Number(valid);
      takenObjects += Number(taken[i]);
    }
    lines += some.length;
  }
  t.diagnostic(
    `${lines} lines, ${objects} objects, of which ${Math.round((100 * takenObjects) / objects)} % were taken`,
  );
  assert.ok(objects > lines / 5 && objects < (lines * 4) / 5, 'enough of both kinds');
  assert.ok(takenObjects > objects / 3, 'the kernel takes objects');
});
