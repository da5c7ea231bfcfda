// `npm run reference`: writes docs/reference.md from the declarations of the settings. With `--check` it writes nothing and fails when
// the page is stale.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installIfMissing, root } from './install.js';

installIfMissing();
const { build } = await import('esbuild');

const page = join(root, 'docs/reference.md');
// Inside of the project, so that what stays external is found in its node_modules.
const folder = mkdtempSync(join(root, 'node_modules', '.reference-'));
try {
  const bundle = join(folder, 'reference.mjs');
  await build({
    stdin: {
      contents: `import { referencePage } from './config/reference.ts';
        import { outputs } from './outputs/registry.ts';
        export const text = referencePage(outputs);`,
      resolveDir: root,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    outfile: bundle,
  });
  const { text } = await import(pathToFileURL(bundle).href);
  if (!process.argv.includes('--check')) writeFileSync(page, text);
  else if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/reference.md is stale: run npm run reference');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
