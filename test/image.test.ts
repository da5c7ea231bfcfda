import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { globalSettings } from '../config/schema.js';
import { oldSpacePercent, semiSpaceMib } from '../src/heap-limit.js';
import { AgentProcess, projectRoot, runCommand } from './support/agent-process.js';
import { asObject } from './support/bulk-api.js';
import { BulkServer, textOf } from './support/bulk-server.js';
import { copiesOf, isInContext, readStages, wordsOf } from './support/dockerfile.js';
import { freePort } from './support/ports.js';
import { until } from './support/until.js';

/**
 * What the image holds, put together as its Dockerfile says but without a container: the build's context, the bundle built of that alone, and of the
 * bundle what the last stage copies. `npm run test:services` builds and runs the image itself.
 */
const [, build = [], image = []] = readStages();
let dir: string;
let app: string;

before(
  async () => {
    dir = await mkdtemp(join(tmpdir(), 'pannier-image-'));
    await chmod(dir, 0o755);
    const context = join(dir, 'context');
    for (const { from, sources, target } of copiesOf(build)) {
      assert.equal(from, undefined);
      for (const source of sources) await copyOfContext(source, join(context, target), target.endsWith('/'));
    }
    await symlink(join(projectRoot, 'node_modules'), join(context, 'node_modules'));
    const building = execFile(process.execPath, ['.ci/build.js'], { cwd: context });
    let said = '';
    building.stderr?.on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => building.once('close', resolve));
    assert.equal(code, 0, `the context is not enough to build the program:\n${said}`);

    const root = join(dir, 'image');
    for (const { from, sources, target } of copiesOf(image)) {
      for (const source of sources)
        if (from === undefined) await copyOfContext(source, join(root, target), target.endsWith('/'));
        // The other folder that it takes from the first stage is the empty one of the state.
        else if (source.startsWith('/build/'))
          await copyOf(join(context, relative('/build', source)), join(root, target));
    }
    app = join(root, dirname(programPath()));
  },
  { timeout: 110_000 },
);
after(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Where the image has the program, from its ENTRYPOINT. */
const programPath = (): string => wordsOf(image, 'ENTRYPOINT').find((word) => word.endsWith('.js')) ?? '';

/** As COPY does: what .dockerignore leaves of a file or folder. */
async function copyOfContext(source: string, target: string, into: boolean): Promise<void> {
  const inside = (path: string) => isInContext(relative(projectRoot, path));
  assert.ok(inside(join(projectRoot, source)), `.dockerignore leaves out ${source}, which the Dockerfile copies`);
  const to = into ? join(target, basename(source)) : target;
  await mkdir(dirname(to), { recursive: true });
  await cp(join(projectRoot, source), to, { recursive: true, filter: inside });
}

/** As COPY does between stages: a folder's contents, or a file into a folder. */
async function copyOf(source: string, target: string): Promise<void> {
  const isFolder = (await stat(source)).isDirectory();
  await cp(source, isFolder || !target.endsWith('/') ? target : join(target, basename(source)), { recursive: true });
}

/** A run of the image's program: no rights, no home, nothing of this environment. */
const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => ({
  program: join(app, basename(programPath())),
  args,
  env,
  cwd: '/',
  unprivileged: true,
  deadlineMs: 30_000,
});

test('the program of the image says its version, which is the one of its label', async () => {
  const { version } = asObject(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'))) ?? {};
  const { code, stdout } = await runCommand(start(['--version']));
  assert.deepEqual([code, stdout], [0, `${String(version)}\n`]);
  const labels = image.filter(({ name }) => name === 'LABEL').map(({ text }) => text);
  assert.ok(labels.join(' ').includes(`org.opencontainers.image.version="${String(version)}"`), labels.join('\n'));
});

test('every output and the YAML reader are in the image', async () => {
  const yaml = join(dir, 'pannier.yaml');
  await writeFile(yaml, 'fields: {team: shop}\n');
  const { code, stdout, stderr } = await runCommand(
    start(['validate'], {
      PANNIER_CONFIG: yaml,
      PANNIER_OUTPUTS: 'elasticsearch,cloudwatch,http,file,stdout',
      PANNIER_ELASTICSEARCH_URL: 'http://127.0.0.1:9200',
      PANNIER_CLOUDWATCH_LOG_GROUP: 'shop',
      PANNIER_HTTP_URL: 'http://127.0.0.1:9201',
      PANNIER_FILE_PATH: join(dir, 'out.ndjson'),
    }),
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /5 outputs/);
});

/** A folder that anybody may write to, as an emptyDir is. */
async function folder(name: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(path);
  await chmod(path, 0o777);
  return path;
}

test('the program of the image ships a line, keeps its position, and ends', async () => {
  const logs = await folder('logs-once');
  await writeFile(join(logs, 'app.log'), 'hello\n');
  const env = {
    PANNIER_PATHS: join(logs, '*.log'),
    PANNIER_STATE_DIR: await folder('state-once'),
    PANNIER_LISTEN: 'off',
  };
  const first = await runCommand(start(['run', '--once'], env));
  assert.equal(first.code, 0, first.stderr);
  assert.equal(asObject(JSON.parse(first.stdout))?.message, 'hello');
  const second = await runCommand(start(['run', '--once'], env));
  assert.deepEqual([second.code, second.stdout], [0, ''], second.stderr);
});

test('the program of the image serves its metrics, answers the HEALTHCHECK, and delivers to each kind of server', async () => {
  await using server = await BulkServer.start();
  const logs = await folder('logs-served');
  await writeFile(join(logs, 'app.log'), 'hello\n');
  const port = await freePort();
  const env = {
    PANNIER_PATHS: join(logs, '*.log'),
    PANNIER_STATE_DIR: await folder('state-served'),
    PANNIER_LISTEN: `127.0.0.1:${port}`,
    PANNIER_OUTPUTS: 'elasticsearch,http',
    PANNIER_ELASTICSEARCH_URL: server.url,
    PANNIER_HTTP_URL: `${server.url}/ndjson`,
    PANNIER_DRAIN_QUIET: '200ms',
  };
  const agent = new AgentProcess(start([...wordsOf(image, 'CMD')], env));
  try {
    await until(() => server.stored.length === 1 && server.lines.length === 1, {
      what: 'both outputs delivered',
      instead: () => agent.tail(),
    });
    assert.deepEqual([...server.stored, ...server.lines].map(textOf), ['hello', 'hello']);
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(await metrics.text(), /pannier_records_delivered_total/);
    const check = image.find(({ name }) => name === 'HEALTHCHECK')?.text ?? '';
    assert.ok(check.endsWith(` CMD ["node", "${programPath()}", "health"]`), check);
    const health = await runCommand(start(['health'], { PANNIER_LISTEN: env.PANNIER_LISTEN }));
    assert.equal(health.code, 0, health.stderr);
    agent.signal('SIGTERM');
    assert.equal(await agent.exit(), 0, agent.tail());
  } finally {
    if (agent.running) agent.signal('SIGKILL');
  }
});

test('the addon of both architectures is in the image', async () => {
  for (const [folder, machine] of [
    ['linux-x64/classic-level.node', 0x3e],
    ['linux-arm64/classic-level.armv8.node', 0xb7],
  ] as const) {
    const header = await readFile(join(app, 'prebuilds', folder));
    // ELF: the machine is a 16-bit number at offset 18.
    assert.deepEqual([header.toString('latin1', 1, 4), header.readUInt16LE(18)], ['ELF', machine], folder);
  }
});

test('the image runs as a user of its own by number, and its state is a volume', () => {
  const [user = ''] = wordsOf(image, 'USER');
  assert.match(user, /^[1-9]\d{3,}:[1-9]\d{3,}$/);
  assert.deepEqual(wordsOf(image, 'VOLUME'), [globalSettings.stateDir.default]);
  assert.match(String(globalSettings.listen.default), new RegExp(`:${wordsOf(image, 'EXPOSE')[0] ?? ''}$`));
});

test("the image's flags fit the heap as the program itself does", () => {
  const entry = wordsOf(image, 'ENTRYPOINT');
  assert.deepEqual(entry, [
    'node',
    `--max-semi-space-size=${semiSpaceMib}`,
    `--max-old-space-size-percentage=${oldSpacePercent}`,
    '--expose-gc',
    programPath(),
  ]);
});

test('packages are installed from the lock file, and none runs a script of its own', () => {
  const runs = build.filter(({ name }) => name === 'RUN').map(({ text }) => text);
  assert.ok(
    runs.some((text) => /^npm ci .*--ignore-scripts/.test(text)),
    runs.join('\n'),
  );
  assert.ok(!image.some(({ name }) => name === 'RUN'), 'the last stage may have no shell');
});

test('no log, no state, no history and no secret enters the context', () => {
  for (const path of [
    '.env',
    '.git/config',
    '.npmrc',
    '.pannier/checkpoints/CURRENT',
    '.services/container.lock',
    '.ci/run',
    'logs/app.log',
    'node_modules/pino/package.json',
    'dist/pannier.js',
    'build/src/main.js',
    'test/image.test.ts',
    'secret.pem',
    'src/.env',
    'src/main.test.ts',
    'config/prod.env',
    'config/tls/server.key',
    'config/tls/server.pem',
    'outputs/http/debug.log',
  ])
    assert.ok(!isInContext(path), path);
  const needed = [
    'src/main.ts',
    'config/schema.ts',
    'outputs/http/index.ts',
    '.ci/build.js',
    '.ci/sbom.js',
    'package-lock.json',
  ];
  for (const path of needed) assert.ok(isInContext(path), path);
});
