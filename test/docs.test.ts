import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readConfiguration } from '../config/load.js';
import { outputs } from '../outputs/registry.js';
import { errorCodes } from '../src/types/errors.js';
import { asObject } from './support/bulk-api.js';

const root = process.env.PANNIER_ROOT ?? process.cwd();
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, ends: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ends))
    .map((name) => join(folder, name))
    .sort();

const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...filesIn('docs', '.md')];
const readme = text('README.md');
const reference = text('docs/reference.md');

/** The bodies of the fenced blocks of a page, in `language`. */
const blocks = (page: string, language: string): string[] =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? '');

const withoutBlocks = (page: string): string => page.replaceAll(/^```[\s\S]*?^```$/gm, '');

test('every error code has its row in docs/errors.md, and every row its code', () => {
  const rows = [...text('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|(.*)\|(.*)\|$/gm)];
  assert.deepEqual(rows.map(([, code]) => code).sort(), [...errorCodes].sort());
  for (const [, code, meaning = '', remedy = ''] of rows)
    assert.ok(meaning.trim() !== '' && remedy.trim() !== '', `${code} says what it means and what to do`);
});

test('every relative link of a page leads to a file, and its fragment to a heading', () => {
  const broken: string[] = [];
  let links = 0;
  for (const page of pages) {
    for (const [, target = ''] of withoutBlocks(text(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links += 1;
      const [path = '', fragment] = target.split('#');
      const file = path === '' ? page : relative(root, join(root, dirname(page), path));
      const isFile = existsSync(join(root, file)) && statSync(join(root, file)).isFile();
      if (!isFile || (fragment !== undefined && !headingsOf(text(file)).includes(fragment)))
        broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(links > 50, `${links} links were found`);
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const [, target = ''] of withoutBlocks(text(page)).matchAll(/\]\(([^)\s#:]+\.md)/g))
      reached.add(relative(root, join(root, dirname(page), target)));
  }
  assert.deepEqual(
    pages.filter((page) => !reached.has(page)),
    [],
  );
});

test('every threat in docs/security.md names its tests, and each of them is there', () => {
  const rows = [...text('docs/security.md').matchAll(/^\| (?!it tries|risk|---)(.*) \|$/gm)].map(([, row = '']) => row);
  assert.ok(rows.length > 35, `${rows.length} threats`);
  for (const row of rows) {
    const [threat = '', , tests = ''] = row.split(' | ');
    const named = [...tests.matchAll(/`([\w./-]+)`: ((?:“[^”]+”(?:, )?)+)/g)];
    assert.ok(named.length > 0, `${threat}: no test`);
    for (const [, file = '', names = ''] of named) {
      const path = existsSync(join(root, `${file}.test.ts`)) ? `${file}.test.ts` : `${file}.ts`;
      for (const [, name = ''] of names.matchAll(/“([^”]+)”/g))
        assert.ok(text(path).includes(name), `${threat}: ${path} has no test “${name}”`);
    }
  }
});

test('every setting that a page or a manifest names is in docs/reference.md', () => {
  const known = new Set(reference.match(/PANNIER_[A-Z_]+/g));
  // An output called `audit` has the settings of its type.
  for (const variable of [...known])
    if (variable.startsWith('PANNIER_HTTP_')) known.add(variable.replace('_HTTP_', '_AUDIT_'));
  const isKnown = (name: string): boolean => known.has(name) || known.has(name.replace(/_FILE$/, ''));
  const manifests = filesIn('deploy', '.yaml');
  // CONTRIBUTING names variables of the tests, which no agent reads. `PANNIER_<NAME>_…` stands for many, and is none.
  for (const page of [...pages.filter((name) => name !== 'CONTRIBUTING.md'), ...manifests]) {
    const named = (text(page).match(/PANNIER_[A-Z_]*[A-Z](?![A-Z_<…*])/g) ?? []).filter((name) => !isKnown(name));
    assert.deepEqual(named, [], page);
  }
});

test('the settings in the examples of the README are a valid configuration, each block by itself', async () => {
  const examples = blocks(readme, 'sh');
  assert.ok(examples.length >= 7, 'an example for each output, and for several');
  for (const example of examples) {
    const lines = example.split('\n').filter((line) => line !== '');
    await assertValid(new Map(lines.map(assignment)), example);
  }
});

for (const manifest of filesIn('deploy/kubernetes', '.yaml')) {
  test(`${manifest} is well-formed: settings are valid, mounts have their volumes, probes their endpoints`, async () => {
    await assertManifest(asObject(parse(text(manifest))), manifest);
  });
}

test('the pod in the README is well-formed too', async () => {
  const [snippet = ''] = blocks(readme, 'yaml');
  await assertPod(asObject(asObject(parse(snippet))?.spec), 'README.md');
});

// ── what the tests share ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Tree = Readonly<Record<string, unknown>>;

/** As GitHub makes them: lower case, blanks to hyphens, the rest of punctuation left out. */
function headingsOf(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function assignment(line: string): readonly [string, string] {
  const equals = line.indexOf('=');
  assert.ok(equals > 0 && /^[A-Z_]+$/.test(line.slice(0, equals)), `an example holds assignments only: ${line}`);
  return [line.slice(0, equals), line.slice(equals + 1)];
}

/** Files of secrets are there; nothing else is asked of the machine. */
async function assertValid(env: ReadonlyMap<string, string>, where: string): Promise<void> {
  const { problems, notes } = await readConfiguration({
    env: Object.fromEntries(env),
    catalogue: outputs,
    cwd: '/',
    readFile: (path) => Promise.resolve(path.endsWith('headers') ? 'Authorization: Bearer x\n' : 'secret\n'),
  });
  assert.deepEqual({ problems, notes }, { problems: [], notes: [] }, where);
}

async function assertManifest(manifest: Tree | undefined, where: string): Promise<void> {
  assert.ok(['apps/v1', 'batch/v1'].includes(String(manifest?.apiVersion)), where);
  const spec = asObject(manifest?.spec);
  const template = asObject(spec?.template);
  const labels = asObject(asObject(template?.metadata)?.labels);
  const selector = asObject(asObject(spec?.selector)?.matchLabels);
  if (manifest?.kind === 'Deployment') assert.deepEqual(selector, labels, `${where}: the selector finds its pods`);
  else assert.equal(manifest?.kind, 'Job', where);
  await assertPod(asObject(template?.spec), where);
}

async function assertPod(pod: Tree | undefined, where: string): Promise<void> {
  const volumes = objects(pod?.volumes).map(({ name }) => name);
  const containers = [...objects(pod?.initContainers), ...objects(pod?.containers)];
  for (const { volumeMounts, name } of containers)
    for (const mount of objects(volumeMounts)) assert.ok(volumes.includes(mount.name), `${where}: ${String(name)}`);
  const pannier = containers.find(({ name }) => name === 'pannier');
  assert.ok(pannier !== undefined, where);
  if (objects(pod?.initContainers).length > 0) assert.equal(pannier.restartPolicy, 'Always', `${where}: native`);

  const variables = objects(pannier.env).map(({ name, value, valueFrom }) => {
    assert.ok(
      typeof value === 'string' || typeof asObject(asObject(valueFrom)?.fieldRef)?.fieldPath === 'string',
      `${where}: a value is text`,
    );
    return [String(name), typeof value === 'string' ? value : 'some-name'] as const;
  });
  const env = new Map(variables);
  for (const name of ['POD_NAME', 'POD_NAMESPACE', 'POD_UID', 'NODE_NAME', 'CONTAINER_NAME'])
    assert.ok(env.has(name), `${where}: ${name}`);
  await assertValid(env, where);

  const drainSeconds = Number(/^(\d+)s$/.exec(env.get('PANNIER_DRAIN_TIMEOUT') ?? '25s')?.[1]);
  assert.ok(
    Number(pod?.terminationGracePeriodSeconds) > drainSeconds,
    `${where}: the drain fits into the grace period`,
  );
  const security = asObject(pannier.securityContext);
  assert.equal(security?.readOnlyRootFilesystem, true, where);
  assert.equal(typeof security.runAsUser, 'number', `${where}: runAsNonRoot needs a number`);
  const paths = { startupProbe: '/startupz', livenessProbe: '/livez', readinessProbe: '/readyz' };
  for (const [probe, path] of Object.entries(paths)) {
    const asked = asObject(asObject(pannier[probe])?.httpGet);
    if (asked !== undefined) assert.deepEqual(asked, { path, port: 'pannier' }, `${where}: ${probe}`);
  }
  assert.deepEqual(objects(pannier.ports), [{ name: 'pannier', containerPort: 9600 }], where);
}

const objects = (list: unknown): Tree[] =>
  Array.isArray(list) ? list.map((item) => asObject(item)).filter((item) => item !== undefined) : [];
