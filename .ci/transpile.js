// Transpiles the program's sources and the tests one to one, so that failures name real files.
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './install.js';

function files(folder, ends) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(ends) && statSync(join(root, name)).isFile());
}

/** Into the folder `out`, which is made. Gives the sources, relative to the root. */
export async function transpile(out) {
  mkdirSync(out, { recursive: true });
  const sources = ['src', 'outputs', 'config', 'test', 'bench']
    .flatMap((folder) => files(folder, '.ts'))
    .filter((name) => !name.includes('assembly'));
  await build({
    entryPoints: sources.map((name) => join(root, name)),
    outdir: out,
    outbase: root,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
    define: { PANNIER_VERSION: '"0.0.0-test"' },
  });
  cpSync(join(root, 'package.json'), join(out, 'package.json'));
  if (existsSync(join(root, 'test/fixtures')))
    cpSync(join(root, 'test/fixtures'), join(out, 'test/fixtures'), { recursive: true });
  if (!existsSync(join(out, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(out, 'node_modules'));
  return sources;
}
