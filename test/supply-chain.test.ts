import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asObject } from './support/bulk-api.js';

const root = process.env.PANNIER_ROOT ?? process.cwd();
const json = (path: string) => asObject(JSON.parse(readFileSync(join(root, path), 'utf8'))) ?? {};

interface Component {
  readonly name: string;
  readonly version: string;
  readonly scope: string;
  readonly path: string;
  readonly licence: string;
  readonly hashes: number;
}

/** What the build wrote beside the program. */
function components(): Component[] {
  const bill = json('dist/sbom.cdx.json');
  assert.equal(bill.bomFormat, 'CycloneDX');
  assert.ok(Array.isArray(bill.components));
  return bill.components.map((each: unknown) => {
    const { name, version, scope, hashes, licenses, 'bom-ref': ref } = asObject(each) ?? {};
    const [first] = Array.isArray(licenses) ? (licenses as unknown[]) : [];
    const { expression, license } = asObject(first) ?? {};
    return {
      name: String(name),
      version: String(version),
      scope: String(scope),
      path: String(ref).split('#')[1] ?? '',
      licence: String(expression ?? asObject(license)?.id),
      hashes: Array.isArray(hashes) ? hashes.length : 0,
    };
  });
}

/** A dependency that no source imports is in no bundle. */
const isImported = (name: string): boolean =>
  ['src', 'outputs', 'config'].some((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .some((file) => readFileSync(join(root, folder, file), 'utf8').includes(`'${name}`)),
  );

test('the bill of materials has every dependency of the program as shipped, with the version and licence that its own package says', () => {
  const all = components();
  const shipped = all.filter(({ scope }) => scope === 'required');
  const direct = Object.keys(asObject(json('package.json').dependencies) ?? {});
  for (const name of direct.filter((each) => isImported(each)))
    assert.ok(
      shipped.some((each) => each.name === name),
      `${name} is in a bundle`,
    );
  for (const { name, version, licence, path } of all) {
    const own = json(`${path}/package.json`);
    assert.deepEqual({ name, version, licence }, { name: own.name, version: own.version, licence: own.license });
  }
  for (const { name, hashes } of shipped) assert.equal(hashes, 1, `${name} has the digest of its archive`);
});

test('the bill of materials knows the addon, parts under other packages and what is left out, and no tool of development', () => {
  const scopes = new Map(components().map(({ name, scope }) => [name, scope]));
  for (const name of ['@smithy/core', 'abstract-level', '@opentelemetry/core'])
    assert.equal(scopes.get(name), 'required', name);
  assert.equal(scopes.get('classic-level'), 'required');
  for (const name of ['undici', 'apache-arrow', 'thread-stream']) assert.equal(scopes.get(name), 'excluded', name);
  for (const name of ['esbuild', 'typescript', 'eslint', 'prettier']) assert.equal(scopes.get(name), undefined, name);
});

async function audited(report: string): Promise<{ code: number; said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'pannier-audit-'));
  try {
    await writeFile(join(folder, 'report.json'), report);
    return await new Promise((resolve) =>
      execFile(process.execPath, [join(root, '.ci/audit.js'), '--report', join(folder, 'report.json')], (error, said) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, said }),
      ),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const flaws = (high: number, critical: number, low: number) =>
  JSON.stringify({
    vulnerabilities: low + high + critical > 0 ? { bad: { name: 'bad', severity: 'high', range: '<2.0.0' } } : {},
    metadata: { vulnerabilities: { low, high, critical, total: low + high + critical }, dependencies: { total: 56 } },
  });

test('a known flaw of high severity fails the audit, a low one is told', async () => {
  for (const report of [flaws(1, 0, 0), flaws(0, 1, 3)]) {
    const { code, said } = await audited(report);
    assert.equal(code, 1);
    assert.match(said, /bad <2\.0\.0/);
  }
  assert.deepEqual(await audited(flaws(0, 0, 0)), { code: 0, said: 'audit: 0 known flaws, 0 high, 0 critical\n' });
  assert.equal((await audited(flaws(0, 0, 2))).code, 0);
});

test('an audit that could not ask says that nothing was checked, whatever it got instead', async () => {
  for (const report of [
    '',
    'null',
    '<html>',
    '{"message":"405 Method Not Allowed - POST https://registry.example/x","error":{"summary":""}}',
    '{"vulnerabilities":{},"metadata":{"vulnerabilities":{"high":0,"critical":0},"dependencies":{"total":0}}}',
  ]) {
    const { said } = await audited(report);
    assert.match(said, /^AUDIT SKIPPED, nothing was checked: /, report);
    assert.doesNotMatch(said, /registry\.example/);
  }
});
