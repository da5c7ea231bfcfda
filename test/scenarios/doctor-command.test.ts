import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { asObject } from '../support/bulk-api.js';
import { runCommand } from '../support/agent-process.js';
import { TestAuthority } from '../support/certificates.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { ScriptedHttp } from '../support/scripted-http.js';

type Env = Readonly<Record<string, string>>;

/** The doctor with the lab's settings. */
async function doctor(lab: Lab, env: Env = {}, args: readonly string[] = [], unprivileged = false) {
  const run = { env: { ...lab.env, ...env }, args: ['doctor', ...args], cwd: lab.dir, unprivileged };
  return await runCommand(run);
}

/** Everything that failed, its next step on the same line. */
const failures = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/^FAIL {2}(.*)\n {6}(.*)$/gm)].map(([, what, next]) => `${what} → ${next}`);

scenario('where all is well it says so line by line, exits 0, and neither writes nor sends anything', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('app.log', 'a line\n');
  const { code, stdout, stderr } = await doctor(lab);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, '');
  for (const line of [
    /^ok {4}configuration: is valid, hash [0-9a-f]+$/m,
    new RegExp(`^ok {4}log folder ${lab.logs.path}: 1 file matched, the newest ${lab.logs.at('app.log')} `, 'm'),
    new RegExp(`^(ok {2}|warn) {2}state directory ${lab.stateDir}: can be written`, 'm'),
    new RegExp(`^ok {4}listener 127\\.0\\.0\\.1:${lab.port}: the port is free$`, 'm'),
    new RegExp(`^ok {4}elasticsearch ${lab.server.url}: would take records$`, 'm'),
    /^all is well/m,
  ])
    assert.match(stdout, line);
  assert.deepEqual(await readdir(lab.stateDir), []);
  assert.deepEqual(lab.server.stored, []);
});

scenario(
  'a destination that is not there, and one that refuses the credentials, are named with what to do',
  async () => {
    await using lab = await prepareAgent();
    lab.server.next({ kind: 'status', status: 401 });
    const refused = await doctor(lab, { PANNIER_ELASTICSEARCH_API_KEY: 'c2VjcmV0OmtleQ==' });
    assert.equal(refused.code, 1);
    assert.match(
      failures(refused.stdout).join('\n'),
      new RegExp(`^elasticsearch ${lab.server.url}: 401.* → check the credentials`),
    );
    assert.doesNotMatch(refused.stdout, /c2VjcmV0OmtleQ|secret:key/);
    await lab.server.down();
    const { code, stdout } = await doctor(lab);
    assert.equal(code, 1);
    const place = new URL(lab.server.url).host;
    assert.deepEqual(failures(stdout), [
      `elasticsearch http://${place}: connect ECONNREFUSED ${place} → check that the destination runs and that the network lets the pod reach it`,
    ]);
  },
);

scenario('--json has the same, and its exit code', async () => {
  await using lab = await prepareAgent();
  const well = await doctor(lab, {}, ['--json']);
  assert.equal(well.code, 0);
  assert.equal(asObject(JSON.parse(well.stdout))?.['ok'], true);
  await lab.server.down();
  const { code, stdout } = await doctor(lab, {}, ['--json']);
  assert.equal(code, 1);
  const report = asObject(JSON.parse(stdout)) as { ok: boolean; checks: Record<string, string>[] };
  assert.equal(report.ok, false);
  const failed = report.checks.filter(({ level }) => level === 'fail');
  assert.deepEqual(
    failed.map(({ check }) => check),
    [`elasticsearch ${lab.server.url}`],
  );
  assert.ok(report.checks.every((each) => Object.keys(each).join() === 'level,check,finding,next'));
});

scenario(
  'a certificate of an unknown authority fails, a known one that ends soon is a warning, and both by name',
  async () => {
    using authority = new TestAuthority();
    const { certFile, keyFile } = authority.issue('server', 'IP:127.0.0.1', 3);
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    await using server = await ScriptedHttp.start({ tls, answer: () => ({ status: 200 }) });
    await using lab = await prepareAgent({ outputs: 'http' });
    const env = {
      PANNIER_HTTP_URL: `${server.url}/logs?token=hidden`,
      PANNIER_HTTP_HEADERS: 'Authorization=Bearer hidden',
    };
    const stranger = await doctor(lab, env);
    assert.equal(stranger.code, 1);
    assert.match(failures(stranger.stdout).join('\n'), new RegExp(`^http ${server.url}: .*CA_FILE.* → check the CA`));
    assert.equal(server.received.length, 0, 'no header goes to a server that nobody knows');
    const known = await doctor(lab, { ...env, PANNIER_HTTP_CA_FILE: authority.caFile });
    assert.equal(known.code, 0, known.stdout);
    assert.match(known.stdout, new RegExp(`^warn {2}http ${server.url}: its certificate ends in 2 days`, 'm'));
    const unverified = await doctor(lab, { ...env, PANNIER_HTTP_TLS_VERIFY: 'false' });
    assert.equal(unverified.code, 0, unverified.stdout);
    assert.match(unverified.stdout, /^warn .*any certificate is taken \(PANNIER_HTTP_TLS_VERIFY=false\)$/m);
    for (const { stdout } of [stranger, known, unverified]) assert.doesNotMatch(stdout, /hidden/);
  },
  { skip: !TestAuthority.isPossible() && 'openssl is not there' },
);

scenario('a folder that is missing fails; one where nothing is matched says why', async () => {
  await using lab = await prepareAgent();
  const empty = await doctor(lab);
  assert.equal(empty.code, 0);
  assert.match(empty.stdout, /^warn .*: the folders hold no files yet$/m);
  await lab.logs.append('app.txt', 'a line\n');
  assert.match((await doctor(lab)).stdout, /^warn .*: match nothing of what is there: 1 file, such as .*app\.txt$/m);
  await lab.logs.append('old.log', 'a line\n');
  const excluded = await doctor(lab, { PANNIER_EXCLUDE: '**/old*' });
  assert.match(
    excluded.stdout,
    /^warn .*: match nothing: PANNIER_EXCLUDE \(.*\) leaves out 1 file, such as .*old\.log$/m,
  );
  await symlink('/etc/passwd', lab.logs.at('link.log'));
  assert.match(
    (await doctor(lab)).stdout,
    /^warn {2}log .*link\.log: is not read: it is a link to \/etc\/passwd, outside/m,
  );
  await rm(lab.logs.path, { recursive: true });
  const missing = await doctor(lab);
  assert.equal(missing.code, 1);
  assert.match(failures(missing.stdout).join('\n'), /^log folder .*logs: is not there → mount the volume/);
});

scenario(
  'what its user may not read or write fails, and it says who it is',
  async () => {
    await using lab = await prepareAgent({ unprivileged: true });
    await lab.logs.append('app.log', 'a line\n');
    await chmod(lab.logs.at('app.log'), 0o600);
    await mkdir(lab.logs.at('closed'), { mode: 0o700 });
    await chmod(lab.logs.path, 0o555);
    await chmod(lab.stateDir, 0o555);
    const { code, stdout } = await doctor(
      lab,
      { PANNIER_DELETE_SHIPPED: 'rotated', PANNIER_PIN: 'auto', PANNIER_VOLUME_LIMIT: '1GiB' },
      [],
      true,
    );
    assert.equal(code, 1);
    const failed = failures(stdout).join('\n');
    assert.match(
      failed,
      /^log .*app\.log: can't be read: EACCES.* → Pannier runs as user \d+, group \d+: give that user/m,
    );
    assert.match(failed, /^log .*closed: can't be read: EACCES/m);
    assert.match(failed, /^PANNIER_DELETE_SHIPPED in .*logs: files can't be removed: EACCES/m);
    assert.match(failed, /^state directory .*state: can't be written: EACCES.* → make it writable for user/m);
    assert.match(stdout, /^warn {2}pins in .*logs: can't be made: EACCES/m);
  },
  { skip: process.getuid?.() !== 0 && 'only root can make files of another user' },
);

scenario('beside a running agent all is well too: neither lock nor port is taken', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'before\n');
  await lab.delivered(['before']);
  const { code, stdout } = await doctor(lab);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ok {4}running agent: version .* says it is ok$/m);
  assert.match(
    stdout,
    new RegExp(`^ok {4}lock of the state directory: is held by process ${lab.agent.pid}, a running agent$`, 'm'),
  );
  assert.match(stdout, /^ok {4}listener .*: is held by the running agent$/m);
  await lab.logs.append('app.log', 'after\n');
  await lab.delivered(['before', 'after']);
});

scenario('a port of another program fails; dead letters and databases set aside are warnings', async () => {
  await using lab = await prepareAgent();
  const stranger = createServer((socket) => socket.on('error', () => {}).end('220 mail\r\n'));
  stranger.listen(lab.port, '127.0.0.1');
  await once(stranger, 'listening');
  await mkdir(join(lab.stateDir, 'dead-letters'));
  await mkdir(join(lab.stateDir, 'checkpoints.corrupt-20260101T000000.000Z'));
  const letter = {
    time: '2026-01-01T00:00:00.000Z',
    output: 'elasticsearch',
    id: 'x',
    path: '/a',
    offset: 0,
    tries: 1,
    code: 'RECORD_REFUSED',
    reason: 'r',
    message: 'm',
  };
  await writeFile(join(lab.stateDir, 'dead-letters/elasticsearch.ndjson'), `${JSON.stringify(letter)}\n`);
  const { code, stdout } = await doctor(lab);
  stranger.close();
  assert.equal(code, 1);
  assert.match(failures(stdout).join('\n'), /^listener .*: the port is taken by another program → free it/);
  assert.match(stdout, /^warn {2}dead letters of elasticsearch: 1 record could not be delivered$/m);
  assert.match(stdout, /^warn {2}store: 1 database set aside/m);
});

scenario('of a configuration with problems it names every one, and exits 1', async () => {
  await using lab = await prepareAgent();
  const { code, stdout } = await doctor(lab, { PANNIER_DRAIN_TIMEOUT: 'soon', PANNIER_LOG_LEVEL: 'loud' });
  assert.equal(code, 1);
  const failed = failures(stdout).join('\n');
  assert.match(failed, /^configuration PANNIER_DRAIN_TIMEOUT: /m);
  assert.match(failed, /^configuration PANNIER_LOG_LEVEL: /m);
  assert.match(stdout, /^2 checks failed/m);
});
