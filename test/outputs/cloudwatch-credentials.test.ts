import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { TestAuthority } from '../support/certificates.js';
import { isObject, StrictLogs } from '../support/cloudwatch-strict.js';
import { ScriptedHttp, type Received, type Reply } from '../support/scripted-http.js';

/**
 * The SDK finds credentials by modules that it imports when it needs them. These tests run a bundle made as the program's is, one process per
 * source of credentials, against stand-ins for AWS's endpoints. The service checks each signature, so what is found is also used.
 */
const folder = mkdtempSync(join(tmpdir(), 'pannier-credentials-'));
const bundle = join(folder, 'output-cloudwatch.cjs');
const root = process.env.PANNIER_ROOT ?? process.cwd();
const sender = fileURLToPath(new URL('../support/cloudwatch-sender.js', import.meta.url));

before(async () => {
  await build({
    entryPoints: [join(root, 'outputs/cloudwatch/index.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    keepNames: true,
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const key = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const token = 'FwoGZXIvYXdzEXAMPLETOKEN';
const expiration = new Date(Date.now() + 3_600_000).toISOString();
const json = (body: object): Reply => ({ status: 200, body: JSON.stringify(body) });
const notFound: Reply = { status: 404, body: '' };

/** Runs the sender with nothing of our own environment but `env`. */
async function send(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly said: Readonly<Record<string, unknown>>; readonly stderr: string }> {
  const child = spawn(process.execPath, [sender, bundle], {
    env: {
      PATH: process.env.PATH ?? '',
      AWS_REGION: 'eu-central-1',
      AWS_CONFIG_FILE: join(folder, 'none'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  const said: unknown = stdout === '' ? undefined : JSON.parse(stdout);
  assert.ok(isObject(said), `the sender said ${stdout}\n${stderr}`);
  return { said, stderr };
}

/** CloudWatch Logs for one test, which takes only what is signed with the key that the test's source gives. */
async function startLogs(): Promise<{ readonly http: ScriptedHttp; readonly stored: () => readonly string[] }> {
  const logs = new StrictLogs({ key });
  logs.make('/g', 's');
  const http = await ScriptedHttp.start({ answer: logs.answer });
  return { http, stored: () => logs.stored('/g', 's').map(({ message }) => message) };
}

async function delivers(env: Readonly<Record<string, string>>): Promise<readonly Received[]> {
  const { http, stored } = await startLogs();
  await using server = http;
  const { said, stderr } = await send({ AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url, ...env });
  assert.deepEqual(said, { outcomes: 'accepted' });
  assert.deepEqual(stored(), ['hello']);
  assert.equal(stderr, '', 'nothing but our own log goes to standard error');
  return server.received;
}

test('credentials from the environment', async () => {
  const requests = await delivers({
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: token,
  });
  assert.equal(requests[0]?.headers['x-amz-security-token'], token);
});

test('credentials from a shared file and its profile', async () => {
  const file = join(folder, 'credentials');
  writeFileSync(
    file,
    `[logs]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`,
  );
  await delivers({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'logs' });
});

test('a web identity (IRSA): the token of the file is taken to STS', async () => {
  const file = join(folder, 'web-token');
  writeFileSync(file, 'eyJhbGciOi.web.identity');
  await using sts = await ScriptedHttp.start({
    answer: ({ body }) => {
      const form = new URLSearchParams(body.toString());
      if (form.get('WebIdentityToken') !== 'eyJhbGciOi.web.identity') return { status: 403, body: '' };
      assert.equal(form.get('RoleArn'), 'arn:aws:iam::123456789012:role/logs');
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body:
          '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>' +
          `<Credentials><AccessKeyId>${key.accessKeyId}</AccessKeyId><SecretAccessKey>${key.secretAccessKey}</SecretAccessKey>` +
          `<SessionToken>${token}</SessionToken><Expiration>${expiration}</Expiration></Credentials>` +
          '</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>',
      };
    },
  });
  await delivers({
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/logs',
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
  });
});

/** The container credentials' endpoint, which wants `authorization`. */
function containerRole(authorization: string): Promise<ScriptedHttp> {
  return ScriptedHttp.start({
    answer: ({ headers }) =>
      headers.authorization === authorization
        ? json({
            AccessKeyId: key.accessKeyId,
            SecretAccessKey: key.secretAccessKey,
            Token: token,
            Expiration: expiration,
          })
        : { status: 401, body: '' },
  });
}

test('EKS Pod Identity: the token of the file opens the agent’s endpoint', async () => {
  const file = join(folder, 'pod-token');
  writeFileSync(file, 'pod-identity-token');
  await using role = await containerRole('pod-identity-token');
  await delivers({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${role.url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
  });
});

test('an ECS task role', async () => {
  await using role = await containerRole('Basic task');
  await delivers({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${role.url}/v2/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic task',
  });
});

/** The instance's metadata, version 2: nothing without a session token. */
function instanceRole(): Promise<ScriptedHttp> {
  const base = '/latest/meta-data/iam/security-credentials';
  return ScriptedHttp.start({
    answer: ({ method, url, headers }) => {
      if (method === 'PUT' && url === '/latest/api/token') return { status: 200, body: 'imds-session' };
      if (headers['x-aws-ec2-metadata-token'] !== 'imds-session') return { status: 401, body: '' };
      if (url.replace(/\/$/, '') === base) return { status: 200, body: 'logs-role' };
      if (url !== `${base}/logs-role`) return notFound;
      return json({
        Code: 'Success',
        AccessKeyId: key.accessKeyId,
        SecretAccessKey: key.secretAccessKey,
        Token: token,
        Expiration: expiration,
      });
    },
  });
}

test('an instance role by the metadata service, version 2', async () => {
  await using metadata = await instanceRole();
  await delivers({ AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url });
});

test('no source at all is told as missing credentials', async () => {
  const { http } = await startLogs();
  await using server = http;
  const { said } = await send({
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  assert.equal(said.code, 'OUTPUT_AUTH');
  assert.match(String(said.message), /no AWS credentials/);
});

/** CloudWatch Logs over TLS, with what a client needs to reach it. */
async function startSecureLogs(authority: TestAuthority) {
  const { certFile, keyFile } = authority.issue('logs');
  const logs = new StrictLogs({ key });
  logs.make('/g', 's');
  const server = await ScriptedHttp.start({
    answer: logs.answer,
    tls: { cert: readFileSync(certFile), key: readFileSync(keyFile) },
  });
  const env = {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_CA_BUNDLE: authority.caFile,
  };
  return { env, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
const skip = !TestAuthority.isPossible();

test('https is trusted by AWS_CA_BUNDLE, and by no other authority', { skip }, async () => {
  using authority = new TestAuthority();
  await using logs = await startSecureLogs(authority);
  const { env } = logs;
  assert.deepEqual((await send(env)).said, { outcomes: 'accepted' });
  using stranger = new TestAuthority('another authority');
  const { said } = await send({ ...env, AWS_CA_BUNDLE: stranger.caFile });
  assert.equal(said.code, 'OUTPUT_TLS');
  assert.match(String(said.message), /AWS_CA_BUNDLE/);
  assert.equal((await send({ ...env, AWS_CA_BUNDLE: join(folder, 'none') })).said.code, 'CONFIG_INVALID');
});

test('https goes through HTTPS_PROXY, unless NO_PROXY names the host', { skip }, async () => {
  using authority = new TestAuthority();
  await using logs = await startSecureLogs(authority);
  const { env } = logs;
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const onwards = connect(logs.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    for (const end of [onwards, socket]) end.on('error', () => [onwards, socket].forEach((each) => each.destroy()));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address !== null);
  try {
    const through = { ...env, HTTPS_PROXY: `http://127.0.0.1:${address.port}` };
    assert.deepEqual((await send(through)).said, { outcomes: 'accepted' });
    assert.deepEqual(asked, [`127.0.0.1:${logs.port}`]);
    assert.deepEqual((await send({ ...through, NO_PROXY: '127.0.0.1' })).said, { outcomes: 'accepted' });
    assert.equal(asked.length, 1);
  } finally {
    proxy.close();
    proxy.closeAllConnections();
  }
});
