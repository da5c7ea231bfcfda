// The bill of materials of a build, CycloneDX 1.5 as JSON: every package that an installation without development tools has, by package-lock.json
// alone (no network). Scope `required`: it is in a bundle of dist/; `excluded`: nothing of it is. The same sources give the same bytes.

/**
 * `lock`: package-lock.json, parsed (lockfileVersion 3). `inputs`: paths of all files that went into the bundles, as esbuild's metafile names them.
 * @throws when a bundle has a package that the lock does not know as one of production
 */
export function billOfMaterials({ lock, inputs, name, version }) {
  const shipped = new Set(inputs.map(packageOf).filter((path) => path !== undefined));
  const production = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && entry.dev !== true);
  const known = new Set(production.map(([path]) => path));
  const unknown = [...shipped].filter((path) => !known.has(path));
  if (unknown.length > 0) throw new Error(`bundled, and no package of production: ${unknown.join(', ')}`);
  const root = `${name}@${version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name,
        version,
        licenses: [licence(lock.packages[''].license)],
      },
    },
    components: production
      .map(([path, entry]) => component(path, entry, shipped.has(path)))
      .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
    dependencies: [
      {
        ref: root,
        dependsOn: Object.keys(lock.packages[''].dependencies)
          .map((dependency) => reference(`node_modules/${dependency}`, lock.packages[`node_modules/${dependency}`]))
          .sort(),
      },
    ],
  };
}

/** `node_modules/a/node_modules/@b/c/index.js` belongs to the package `node_modules/a/node_modules/@b/c`. */
function packageOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(
    path.replace(/^(?:\.\.\/)+.*?(?=node_modules\/)/, ''),
  )?.[0];
}

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const purl = (path, { version }) => `pkg:npm/${nameOf(path).replace('@', '%40')}@${version}`;

/** Two copies of one version at different places are two components. */
const reference = (path, entry) => `${purl(path, entry)}#${path}`;

function component(path, entry, isShipped) {
  return {
    type: 'library',
    'bom-ref': reference(path, entry),
    name: nameOf(path),
    version: entry.version,
    scope: isShipped ? 'required' : 'excluded',
    // The lock's integrity is base64, CycloneDX writes hexadecimal.
    hashes: (entry.integrity ?? '')
      .split(' ')
      .filter((digest) => digest.startsWith('sha512-'))
      .map((digest) => ({ alg: 'SHA-512', content: Buffer.from(digest.slice(7), 'base64').toString('hex') })),
    licenses: entry.license === undefined ? [] : [licence(entry.license)],
    purl: purl(path, entry),
  };
}

/** `(MIT OR Apache-2.0)` is an expression, `MIT` an id. */
const licence = (text) => (/[\s()]/.test(text) ? { expression: text } : { license: { id: text } });
