// `npm test [-- pattern…]`: installs, builds the program and the tests, then runs node's test runner over them.
// `npm run test:services` runs test/services instead. Tests are transpiled one to one into build/, so failures name real files.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installIfMissing, root } from './install.js';

installIfMissing();
const { buildIfStale } = await import('./build.js');
const { transpile } = await import('./transpile.js');

const out = process.env.PANNIER_TEST_BUILD ?? join(root, 'build');
const args = process.argv.slice(2);
const services = args[0] === 'services';
const patterns = services ? args.slice(1) : args;

// A unit test run beside someone else's work may skip the program (PANNIER_SKIP_BUILD=1); scenarios need it.
if (process.env.PANNIER_SKIP_BUILD !== '1') await buildIfStale();
rmSync(out, { recursive: true, force: true });
const sources = await transpile(out);

const inServices = (name) => name.startsWith(join('test', 'services'));
const tests = sources
  .filter((name) => name.endsWith('.test.ts') && inServices(name) === services)
  .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)))
  .map((name) => relative(process.cwd(), join(out, name.replace(/\.ts$/, '.js'))));
if (tests.length === 0) {
  console.error(`pannier: no test file matches ${patterns.join(' ') || '(none exist)'}`);
  process.exit(1);
}
// A differential test that was asked to be longer takes as long as that takes.
const timeoutMs = services ? 900_000 : 120_000 + Number(process.env.PANNIER_LINES ?? 0);
// Scenarios wait far more than they compute, so more of them than cores run side by side.
const concurrency = process.env.PANNIER_TEST_CONCURRENCY ?? (services ? '1' : '4');
const child = spawn(
  process.execPath,
  ['--enable-source-maps', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${timeoutMs}`, ...tests],
  { stdio: 'inherit', env: { ...process.env, PANNIER_ROOT: root } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
