import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { anyLimits, KernelLab, makeKernel } from '../../test/support/kernel-lab.js';
import { refuseWebAssembly, type Refusal } from '../../test/support/no-wasm.js';
import { DocumentWriter } from './document.js';
import { Kernel } from './kernel.js';

const root = process.env.PANNIER_ROOT ?? process.cwd();
const shape = { wrapper: 'none', content: 'json', zonelessIsUtc: true, joins: false } as const;
const names = {
  keys: [],
  levels: new Map(),
  levelStarts: new Set(''),
  joinTriggers: [],
  accessKeys: [],
  datedKeys: [],
  agent: { roots: [], taken: [] },
};

test('the program holds the kernel that its sources give: npm run kernel writes it anew', async () => {
  const compiler = (await import(pathToFileURL(join(root, '.ci/kernel.js')).href)) as {
    compileKernel(): Promise<string>;
  };
  assert.equal(await readFile(join(root, 'src/kernel/binary.ts'), 'utf8'), await compiler.compileKernel());
});

for (const refusal of ['all', 'memory', 'code'] as const satisfies readonly Refusal[]) {
  test(`there is no kernel, and no error, where a runtime refuses WebAssembly: ${refusal}`, () => {
    {
      using refused = refuseWebAssembly(refusal);
      assert.ok(refused);
      assert.equal(makeKernel(1000, 1000, new DocumentWriter()), undefined);
    }
    assert.ok(makeKernel(1000, 1000, new DocumentWriter()));
  });
}

test('there is no kernel for more memory than can be had', () => {
  assert.equal(Kernel.create(2 ** 40, 1000, names), undefined);
});

test('names fill its tables up to their limit, and beyond it there is no kernel', () => {
  const many = (count: number): DocumentWriter =>
    new DocumentWriter(Object.fromEntries(Array.from({ length: count }, (_, i) => [`static-${i}`, i])));
  assert.equal(makeKernel(1000, 1000, new DocumentWriter({ a: 1 })) !== undefined, true);
  let most = 0;
  while (makeKernel(1000, 1000, many(most + 1)) !== undefined) {
    most += 1;
    assert.ok(most < 1000, 'there is a limit');
  }
  const statics = Object.fromEntries(Array.from({ length: most }, (_, i) => [`static-${i}`, i]));
  const lab = new KernelLab({ sourceBytes: 1000, slotBytes: 100_000, records: 10, maxLineBytes: 1000, statics });
  const line = '{"not-there":1,"message":"x"}\n{"static-0":1}\n';
  const to = lab.source.write(line);
  const { count, at } = lab.run({ at: 0, to, base: 0, shape, limits: anyLimits, count: 0, used: 0 });
  assert.deepEqual([count, at], [2, to]);
});

test('its memory is what was asked for and a little more, and can never be another', () => {
  const lab = new KernelLab({ sourceBytes: 1 << 20, slotBytes: 1 << 20, records: 10, maxLineBytes: 65_536 });
  const { buffer, length } = lab.memory;
  assert.ok(length > 2 << 20 && length < (2 << 20) + 512 * 1024, `${length} bytes`);
  assert.throws(() => lab.kernel.arena.bytes(1), RangeError);
  assert.equal(lab.kernel.planArea.buffer, buffer);
});

test('the line at which it stops, and all behind it, are left alone', () => {
  const lab = new KernelLab({ sourceBytes: 1000, slotBytes: 10_000, records: 10, maxLineBytes: 1000 });
  const lines = ['{"msg":"one"}\n', '\r\n', '{"msg":"two"}\r\n', 'text\n', '{"msg":"three"}\n'];
  const to = lab.source.write(lines.join(''));
  const taken = lab.run({ at: 0, to, base: 2 ** 40, shape, limits: anyLimits, count: 0, used: 0 });
  assert.equal(taken.at, lines.slice(0, 3).join('').length);
  assert.deepEqual([taken.count, taken.blanks], [2, 1]);
  assert.deepEqual([...lab.starts.subarray(0, 3)], [2 ** 40, 2 ** 40 + 16, 0]);
  assert.deepEqual([...lab.ends.subarray(0, 3)], [2 ** 40 + 14, 2 ** 40 + 31, 0]);
});
