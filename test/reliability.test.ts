import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = process.env.PANNIER_ROOT ?? process.cwd();
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const { mutants } = (await import(join(root, '.ci/mutants-table.js'))) as { mutants: readonly { name: string }[] };
const { rowProblems } = (await import(join(root, '.ci/mutants-rows.js'))) as {
  rowProblems: (text: string) => readonly string[];
};

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

test('a breakage’s row that a merge ran together with another, or that lacks something, is found', () => {
  const row = "name: 'a', promise: '1', file: 'f', search: 's', replace: 'r', tests: ['t']";
  const other = row.replace("'a'", "'b'");
  const problems = (...rows: readonly string[]) => rowProblems(`export const mutants = [${rows.join(',\n')}];`);
  assert.deepEqual(problems(`{ ${row} }`, `{ ${other} }`), []);
  const together = problems(`{ ${row}, ${other} }`);
  assert.deepEqual([together.length, together[0]], [6, 'line 1: the row has name 2 times']);
  assert.deepEqual(problems(`{ ${row.replace("search: 's', ", '')} }`), ['line 1: the row has search 0 times']);
  assert.deepEqual(problems(`{ ${row}, tset: 1 }`), ['line 1: the row has tset, which means nothing']);
  assert.deepEqual(problems(`{ ${row} }`, `{ ${row} }`), ["line 2: 'a' is the name of the row in line 1 too"]);
  assert.deepEqual(problems('more'), ['line 1: is no row']);
  assert.equal(rowProblems('export const mutants = [{').length > 0, true);
  assert.deepEqual(rowProblems(''), ['there is no list of rows']);
});
