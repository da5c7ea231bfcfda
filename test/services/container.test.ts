import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { oldSpacePercent } from '../../src/heap-limit.js';
import { program } from '../support/agent-process.js';
import { asObject } from '../support/bulk-api.js';
import { readStages, wordsOf } from '../support/dockerfile.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/until.js';
import { Container, container, succeeds, whyNot } from './containers.js';
import { CountingSink, writeNumbered } from './counting-sink.js';

/** The Dockerfile's image on the base it names, and on one that holds nothing but Node. */
const image = 'localhost/pannier:test';
const withoutShell = 'localhost/pannier:no-shell';
const backlogBytes = 300_000_000;
const betweenChecksMs = 2_000;

const impossible = await whyNot();
const skip = impossible === undefined ? false : `no containers here: ${impossible}`;
const options = { skip, timeout: 800_000 };
let dir: string;

before(
  async () => {
    dir = await mkdtemp(join(tmpdir(), 'pannier-container-'));
    // Other users than this one look into it.
    await chmod(dir, 0o755);
    if (skip !== false) return;
    await succeeds('build', image);
    await succeeds(
      'build',
      withoutShell,
      '--build-arg',
      'RUNTIME=localhost/no-shell:24',
      '--build-arg',
      'REVISION=abc',
    );
  },
  { timeout: 800_000 },
);
after(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A folder in which any user may write, as an emptyDir is. */
async function folder(name: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(path);
  await chmod(path, 0o777);
  return path;
}

/** As strict as a cluster's policies get. */
const strict = ['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];
const limited = ['--memory', '128m', '--memory-swap', '128m'];
const loopback = ['--network', 'host'];
const settings = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

test(
  '300 MB of backlog reach two outputs, packed, within 128 MiB, each line once; SIGTERM ends it with 0',
  options,
  async (t) => {
    const logs = await folder('backlog');
    const lines = await writeNumbered(logs, 4, backlogBytes);
    await using sink = await CountingSink.start(lines);
    await using agent = await Container.start(
      ...strict,
      ...limited,
      ...loopback,
      ...['--volume', `${logs}:/var/log/app:ro`],
      ...settings({
        PANNIER_LISTEN: `127.0.0.1:${await freePort()}`,
        PANNIER_OUTPUTS: 'elasticsearch,http',
        PANNIER_ELASTICSEARCH_URL: sink.url,
        PANNIER_ELASTICSEARCH_COMPRESSION: 'gzip',
        PANNIER_HTTP_URL: sink.url,
        PANNIER_HTTP_COMPRESSION: 'gzip',
      }),
      image,
    );
    const check = asObject(JSON.parse(await succeeds('podman', 'inspect', image, '--format', '{{json .HealthCheck}}')));
    const [kind, ...command] = Array.isArray(check?.Test) ? check.Test.map(String) : [];
    assert.equal(kind, 'CMD', 'a HEALTHCHECK without a shell');
    await until(async () => !(await agent.isRunning()) || (await agent.exec(...command)).code === 0, {
      what: 'it is well',
      deadlineMs: 60_000,
    });
    const deadline = performance.now() + 600_000;
    let checks = 0;
    while (!sink.isComplete) {
      assert.ok(await agent.isRunning(), `it ended on the way: ${String(sink)}\n${await agent.tail()}`);
      assert.ok(performance.now() < deadline, `not there yet: ${String(sink)}\n${await agent.tail()}`);
      // It runs inside the same limit, so it is part of the question.
      const { code, stdout, stderr } = await agent.exec(...command);
      assert.equal(code, 0, `${stdout}${stderr}\n${await agent.tail()}`);
      checks += 1;
      await wait(betweenChecksMs);
    }
    const [own, all] = [await agent.peakMib(), await agent.peakOfLimitMib()].map(Math.round);
    t.diagnostic(
      `peak resident ${own} MiB, peak of all under the limit ${all} MiB, ${checks} health checks on the way`,
    );
    assert.equal(await agent.stop(30), 0, await agent.tail());
    assert.equal(await succeeds('podman', 'inspect', agent.id, '--format', '{{.State.OOMKilled}}'), 'false');
    for (const tally of [sink.elasticsearch, sink.http]) {
      const { documents, missing, repeats, strangers } = tally;
      assert.deepEqual(
        { documents, missing, repeats, strangers },
        { documents: lines, missing: 0, repeats: 0, strangers: 0 },
        tally.toString(),
      );
    }
  },
);

test('any user runs it on a base without a shell, and a state volume keeps its positions', options, async () => {
  const logs = await folder('any-user');
  const state = await folder('any-user-state');
  await writeFile(join(logs, 'app.log'), 'hello\n');
  const run = (...args: string[]) => container('run', '--rm', ...strict, ...limited, ...args);
  const mounted = ['--network', 'none', '--volume', `${logs}:/var/log/app:ro`];
  const kept = ['--volume', `${state}:/var/lib/pannier`];

  const anonymous = await run(...mounted, '--user', '4711:4712', withoutShell, 'run', '--once');
  assert.equal(anonymous.code, 0, anonymous.stderr);
  assert.equal(asObject(JSON.parse(anonymous.stdout))?.message, 'hello');
  assert.doesNotMatch(anonymous.stderr, /"level":[4-6]0/, 'no warning: the state was written');

  for (const expected of [/hello/, /^$/]) {
    const { code, stdout, stderr } = await run(...mounted, ...kept, '--user', '4711', withoutShell, 'run', '--once');
    assert.equal(code, 0, stderr);
    assert.match(stdout, expected);
  }
  assert.notDeepEqual(await readdir(state), []);

  const shell = await run('--network', 'none', '--entrypoint', '/bin/sh', withoutShell, '-c', 'true');
  assert.notEqual(shell.code, 0, 'the base has a shell, so this shows nothing');
});

test('the image has its labels, a user of its own by number, and its files belong to root', options, async () => {
  const text = await succeeds('podman', 'inspect', withoutShell, '--format', '{{json .Config}}');
  const { User, Labels } = asObject(JSON.parse(text)) ?? {};
  assert.equal(User, '10001:10001');
  assert.equal(asObject(Labels)?.['org.opencontainers.image.revision'], 'abc');
  const look = `for (const path of ['/app', '/app/pannier.js', '/var/lib/pannier']) {
    const { uid, mode } = require('fs').statSync(path);
    console.log(path, uid, (mode & 0o777).toString(8));
  }
  console.log(process.getuid(), process.getgid());`;
  const found = await succeeds('run', '--rm', '--network', 'none', '--entrypoint', 'node', withoutShell, '-e', look);
  assert.deepEqual(found.split('\n'), ['/app 0 755', '/app/pannier.js 0 755', '/var/lib/pannier 0 777', '10001 10001']);
});

/** Prints how much the heap may grow to, in MiB: old and young generation. */
const heap = 'console.log(require("v8").getHeapStatistics().heap_size_limit / 1024 ** 2)';
const flags = wordsOf(readStages().at(-1) ?? [], 'ENTRYPOINT').filter((word) => word.startsWith('--'));

test("the heap follows the container's memory limit", options, async () => {
  for (const limit of [128, 256]) {
    const memory = ['--memory', `${limit}m`, '--memory-swap', `${limit}m`];
    const plain = ['run', '--rm', '--network', 'none', ...memory, '--entrypoint', 'node', image];
    assert.ok(Number(await succeeds(...plain, '-e', heap)) > 250, "V8's own choice is above the limit");
    const fitted = Number(await succeeds(...plain, ...flags, '-e', heap));
    const oldSpace = Math.floor((limit * oldSpacePercent) / 100);
    assert.ok(fitted >= oldSpace && fitted < oldSpace + 16, `${fitted} MiB of ${limit}`);
  }
});

test('the heap follows a limit of cgroup v2 as well', options, async () => {
  const node = await succeeds('node24');
  const limit = 128 * 1024 ** 2;
  const seen = ['cgroup2', String(limit), node];
  assert.equal(Number(await succeeds(...seen, '-p', 'process.constrainedMemory()')), limit);
  const fitted = Number(await succeeds(...seen, ...flags, '-e', heap));
  assert.ok(fitted >= 44 && fitted < 60, `${fitted} MiB`);
  const free = Number(await succeeds('cgroup2', 'max', node, ...flags, '-e', heap));
  assert.ok(free > 250, `${free} MiB without a limit`);
});

test(
  'started without the flags, the program restarts itself with them, under the same pid, and still ends by SIGTERM',
  options,
  async () => {
    await using agent = await Container.start(
      ...strict,
      ...limited,
      ...loopback,
      ...['--volume', `${await folder('no-flags')}:/var/log/app:ro`],
      ...settings({ PANNIER_LISTEN: `127.0.0.1:${await freePort()}` }),
      ...['--entrypoint', '["node", "/app/pannier.js"]'],
      image,
      'run',
    );
    await until(async () => (await agent.commandLine()).includes('--max-old-space-size=44'), {
      what: 'the flags are on its command line',
      deadlineMs: 60_000,
    });
    const ready = ['node', '/app/pannier.js', 'health', '--ready'];
    await until(async () => (await agent.exec(...ready)).code === 0, { what: 'it is ready', deadlineMs: 60_000 });
    assert.equal(await agent.stop(30), 0, await agent.tail());
  },
);

test('the program runs on arm64, where its addon keeps positions', options, async () => {
  const logs = await folder('arm64');
  const state = await folder('arm64-state');
  await writeFile(join(logs, 'app.log'), 'hello\n');
  const env = [`PANNIER_PATHS=${logs}/*.log`, `PANNIER_STATE_DIR=${state}`, 'PANNIER_LISTEN=off'];
  const run = () => succeeds('arm64', ...env, program, 'run', '--once');
  assert.equal(asObject(JSON.parse(await run()))?.message, 'hello');
  assert.equal(await run(), '');
});
