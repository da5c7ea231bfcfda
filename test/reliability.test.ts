import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = process.env.PANNIER_ROOT ?? process.cwd();
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const { mutants } = (await import(join(root, '.ci/mutants-table.js'))) as { mutants: readonly { name: string }[] };

/** The rows of the promises: what is said, the tests, the breakages. */
const rows = page
  .split('\n')
  .map((line) => line.split(' | '))
  .filter((cells) => cells.length === 3 && cells[1]!.includes('.ts)'))
  .map(([says = '', tests = '', breakages = '']) => ({ says, tests, breakages: breakages.replace(/ \|$/, '') }));

test('each sentence of the promises names tests, and breakages that they were seen to catch', () => {
  assert.ok(rows.length > 40, `${rows.length} rows`);
  for (const { says, tests, breakages } of rows) {
    assert.match(tests, /\]\(\.\.\/[^)]+\.ts\)/, says);
    assert.notEqual(breakages.trim(), '', `${says}: no breakage`);
  }
});

test('each test that the page names is there, under that title', () => {
  for (const { tests } of rows)
    for (const [, path = '', titles = ''] of tests.matchAll(/\]\((\.\.\/[^)]+\.ts)\)([^[]*)/g)) {
      const file = join(root, 'docs', path);
      assert.ok(existsSync(file), `${path} does not exist`);
      const source = readFileSync(file, 'utf8');
      for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g))
        assert.ok(source.includes(title), `${path} has no “${title}”`);
    }
});

test('the page and the table of breakages name the same', () => {
  const named = new Set(rows.flatMap(({ breakages }) => breakages.split('; ').map((name) => name.trim())));
  assert.deepEqual([...named].sort(), mutants.map(({ name }) => name).sort());
});
