// `npm run test:torture -- --seconds N --seed S …`: builds the program and the rig, then runs the rig (test/faults/torture/main.ts).
// Several may run at once, so each builds the rig into a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installIfMissing, root } from './install.js';

installIfMissing();
const { buildIfStale } = await import('./build.js');
const { transpile } = await import('./transpile.js');

await buildIfStale();
const out = mkdtempSync(join(tmpdir(), 'pannier-rig-'));
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await transpile(out);
const child = spawn(
  process.execPath,
  ['--enable-source-maps', join(out, 'test/faults/torture/main.js'), ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, PANNIER_ROOT: root } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
