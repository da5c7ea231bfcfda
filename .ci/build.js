// Builds dist/: one CommonJS program (it loads faster and in less memory than ES modules over CommonJS packages), one bundle
// per output and heavy library, loaded when used, and the native LevelDB addon beside them. `node .ci/build.js [--if-stale]`.
import { build } from 'esbuild';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { billOfMaterials } from './sbom.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** What is loaded on demand, or shared: the module and the bundle it becomes. */
const separate = [
  { entry: 'src/types/errors.ts', name: 'errors' }, // shared, so that instanceof holds across bundles
  { entry: 'src/health/metrics.ts', name: 'metrics' },
  { entry: 'src/commands/cli.ts', name: 'cli' },
  { entry: 'src/commands/parse/parse.ts', name: 'parse' },
  { entry: 'src/commands/dead-letters/dead-letters.ts', name: 'dead-letters' },
  { entry: 'src/commands/dead-letters/at-rest.ts', name: 'letters-at-rest' },
  { entry: 'src/dead-letters/at-work.ts', name: 'letters-at-work' },
  { entry: 'src/commands/top/top.ts', name: 'top' },
  { entry: 'src/commands/doctor/doctor.ts', name: 'doctor' },
  { entry: 'src/commands/checkpoints/checkpoints.ts', name: 'checkpoints' },
  { entry: 'src/commands/checkpoints/stored-positions.ts', name: 'stored-positions' },
  { entry: 'src/commands/checkpoints/find-time.ts', name: 'find-time' },
  { entry: 'config/yaml.ts', name: 'yaml' },
  { entry: 'src/regex-engine.ts', name: 'regex' },
  { entry: 'src/files/zstd/zstd-worker.ts', name: 'zstd-worker' }, // a thread of its own
  ...readdirSync(join(root, 'outputs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ entry: `outputs/${name}/index.ts`, name: `output-${name}` })),
].filter(({ entry }) => existsSync(join(root, entry)));

/**
 * Parts of packages that Pannier never uses and that would be loaded, and live, with them. `name` is as it is imported, `of` the file that imports it.
 * Together 8 MB of resident memory and a third of the CPU time of a start (bench/footprint.js), not counting undici.
 */
const unusedParts = [
  // Another HTTP client (ours is node:http) and the reader of Arrow tables.
  { name: /^(undici|apache-arrow(\/.*)?)$/, of: /./, instead: 'module.exports = {};' },
  // A class for each of 500 requests, of which `_bulk` goes by the transport, and loops over them.
  {
    name: /^\.\/(api|helpers)$/,
    of: /@elastic\/elasticsearch\/lib\/client\.js$/,
    instead: 'exports.__esModule = true; exports.default = class {};',
  },
  // One function of it is called; the rest brings every name that OpenTelemetry knows.
  {
    name: /^@opentelemetry\/core$/,
    of: /@elastic\/transport/,
    instead: "module.exports = require('@opentelemetry/core/build/src/trace/suppress-tracing.js');",
  },
  // Log lines are written by this thread.
  { name: /^thread-stream$/, of: /pino/, instead: 'module.exports = class {};' },
  { name: /^worker_threads$/, of: /pino/, instead: 'exports.isMainThread = true;' },
];

export async function buildAll() {
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const common = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: false,
    minifyWhitespace: true,
    minifySyntax: true,
    // Names stay as they are, for stack traces and the names of errors. To shorten them and to put them back where they are read (`keepNames`) costs
    // 2 MB: a call and a property for each function.
    minifyIdentifiers: false,
    // `import()` becomes `require`: the loader of ES modules, which Node 20 would start for it, is 5 MB and 30 ms.
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    logLevel: 'warning',
    absWorkingDir: root,
    metafile: true,
    outdir: dist,
    define: { PANNIER_VERSION: JSON.stringify(version), 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  };
  const unused = {
    name: 'unused-parts',
    setup(context) {
      context.onResolve({ filter: /^[^/]/ }, ({ path, importer }) => {
        const part = unusedParts.find(({ name, of }) => name.test(path) && of.test(importer));
        return part === undefined ? undefined : { path, namespace: 'unused', pluginData: part.instead };
      });
      context.onLoad({ filter: /.*/, namespace: 'unused' }, ({ pluginData }) => ({
        contents: pluginData,
        resolveDir: root,
      }));
    },
  };
  const external = (own) => ({
    name: 'separate-bundles',
    setup(context) {
      context.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, (args) => {
        const path = join(args.resolveDir, args.path);
        if (args.kind === 'entry-point' || path.includes('node_modules')) return undefined;
        const found = separate.find(({ entry }) => path === join(root, entry.replace(/\.ts$/, '.js')));
        if (found === undefined || found.name === own) return undefined;
        return { path: `./${found.name}.js`, external: true };
      });
    },
  });
  const one = (name, entry) =>
    build({
      ...common,
      ...(name === 'pannier' ? { banner: { js: `#!/usr/bin/env node\n${common.banner.js}` } } : {}),
      // The AWS SDK: a third of a megabyte of names.
      ...(name === 'output-cloudwatch' ? { minifyIdentifiers: true, keepNames: true } : {}),
      entryPoints: [{ in: entry, out: name }],
      plugins: [external(name), unused],
    });
  const built = await Promise.all([
    one('pannier', 'src/main.ts'),
    ...separate.map(({ name, entry }) => one(name, entry)),
  ]);
  // node-gyp-build, bundled, looks for prebuilds/ beside the file that runs: the addon of this platform and its arm64/amd64 twin.
  const prebuilds = join(root, 'node_modules/classic-level/prebuilds');
  for (const platform of readdirSync(prebuilds).filter(
    (name) =>
      /^linux-(x64|arm64)$/.test(name) ||
      name.includes(process.platform + '-' + process.arch) ||
      (process.platform === 'darwin' && name.startsWith('darwin')),
  )) {
    cpSync(join(prebuilds, platform), join(dist, 'prebuilds', platform), { recursive: true });
  }
  chmodSync(join(dist, 'pannier.js'), 0o755);
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const bill = billOfMaterials({ lock, inputs, name: 'pannier', version });
  writeFileSync(join(dist, 'sbom.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`);
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name: 'pannier', version, type: 'commonjs' })}\n`);
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

export async function buildIfStale() {
  const made = existsSync(join(dist, 'package.json')) ? statSync(join(dist, 'package.json')).mtimeMs : 0;
  const sources = ['src', 'outputs', 'config', 'package.json', 'package-lock.json', '.ci/build.js', '.ci/sbom.js'].map(
    (name) => newest(join(root, name)),
  );
  if (made < Math.max(...sources)) await buildAll();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes('--if-stale') ? buildIfStale() : buildAll());
}
