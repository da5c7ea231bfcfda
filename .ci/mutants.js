// `npm run test:mutants [-- name…]`: breaks the program in one place at a time and proves that `npm test` notices. Each breakage belongs to a promise
// of the design. It works on a copy of the tree, runs the tests nearest to the promise first, and all of them when those still pass.
// `--check` only looks that every row is whole and every place is found (part of `npm run lint`). Exit 1 when a breakage survives, or when its place in the source is not found exactly once.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installIfMissing, root } from './install.js';
import { rowProblems } from './mutants-rows.js';
import { mutants } from './mutants-table.js';

installIfMissing();
const check = process.argv.includes('--check');
const wanted = process.argv.slice(2).filter((part) => part !== '--check');
const chosen = mutants.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

const malformed = rowProblems(readFileSync(join(root, '.ci/mutants-table.js'), 'utf8'));
for (const problem of malformed) console.error(`mutants-table.js ${problem}`);
const misplaced = chosen.filter(
  ({ file, search }) => readFileSync(join(root, file), 'utf8').split(search).length !== 2,
);
for (const { name, file } of misplaced) console.error(`not found exactly once in ${file}: ${name}`);
if (malformed.length > 0 || misplaced.length > 0 || chosen.length === 0) process.exit(1);
if (check) process.exit(0);

const tree = mkdtempSync(join(tmpdir(), 'pannier-mutants-'));
chmodSync(tree, 0o755); // some scenarios run the program without root's rights
let running;
const cleanUp = () => {
  endGroup(running);
  rmSync(tree, { recursive: true, force: true });
};
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

// Everything but what is made from it: tests look at documents and manifests too.
const made = new Set(['.git', '.services', '.pannier', 'node_modules', 'dist', 'build', 'logs']);
for (const name of readdirSync(root).filter((entry) => !made.has(entry)))
  cpSync(join(root, name), join(tree, name), { recursive: true, preserveTimestamps: true });
symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));

// A test that fails without a breakage would prove nothing.
const nearest = [...new Set(chosen.flatMap(({ tests }) => tests))];
console.log(`unbroken: ${nearest.join(' ')}`);
const sound = await failure(nearest);
if (sound !== undefined) {
  console.error(`the tests fail without a breakage: ${sound}`);
  process.exit(1);
}

const results = [];
for (const mutant of chosen) {
  const path = join(tree, mutant.file);
  const source = readFileSync(path, 'utf8');
  write(
    mutant.file,
    source.replace(mutant.search, () => mutant.replace),
  );
  const started = Date.now();
  const caughtBy = (await failure(mutant.tests)) ?? (await failure([]));
  write(mutant.file, source);
  results.push({ ...mutant, caughtBy });
  const verdict = caughtBy === undefined ? 'SURVIVED' : 'caught  ';
  console.log(
    `${verdict} ${mutant.name} (${((Date.now() - started) / 1000).toFixed(0)} s)${caughtBy === undefined ? '' : `: ${caughtBy}`}`,
  );
}

console.log('\n| breakage | promise | caught by |\n| --- | --- | --- |');
for (const { name, promise, caughtBy } of results)
  console.log(`| ${name} | ${promise} | ${caughtBy ?? '**nothing**'} |`);
const survivors = results.filter(({ caughtBy }) => caughtBy === undefined);
console.log(`\n${results.length - survivors.length} of ${results.length} breakages are caught`);
process.exit(survivors.length === 0 ? 0 : 1);

/** Writes a source of the copy. What the kernel is made from is compiled, as `npm run kernel` does: so the program has the breakage, too. */
function write(file, text) {
  writeFileSync(join(tree, file), text);
  if (file.startsWith('src/kernel/assembly/')) execFileSync(process.execPath, [join(tree, '.ci/kernel.js')]);
}

/** Runs `npm test` on the copy, as far as its first failure. The failed test's name, or undefined when all pass. */
function failure(patterns) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(tree, '.ci/test.js'), ...patterns], {
      cwd: tree,
      detached: true, // a group of its own, so that agents and test files end with it
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PANNIER_TEST_BUILD: join(tree, 'build'), PANNIER_MODEL_SECONDS: '20' },
    });
    running = child;
    let rest = '';
    let failed;
    let last = '';
    const read = (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line.trim() !== '') last = line.trim();
        // TAP, or the spec reporter of newer versions.
        failed ??= /^\s*(?:not ok \d+ - |✖ )(?!.*failing tests)(.+?)(?: \([\d.]+ms\))?$/.exec(line)?.[1];
      }
      if (failed !== undefined) endGroup(child);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    child.on('close', (code) => {
      running = undefined;
      resolve(failed ?? (code === 0 ? undefined : `npm test ended with ${code}: ${last}`));
    });
  });
}

function endGroup(child) {
  if (child?.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
