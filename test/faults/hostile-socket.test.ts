import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { until } from '../support/until.js';

// Whoever can reach the state directory: the control socket in it, and what could be planted there.

const nobody = 65_534;
const asker = `
const socket = require('node:net').connect(process.argv[1], () => socket.end('GET /health HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'));
socket.on('error', ({ code }) => process.stdout.write(code)).on('data', (text) => process.stdout.write(text));`;

/** What another user gets from the socket. */
async function askedAs(uid: number, path: string): Promise<string> {
  const child = spawn(process.execPath, ['-e', asker, path], {
    uid,
    gid: uid,
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  return said;
}

scenario(
  'another user is not let in by the control socket, however open the folders above it are',
  async () => {
    const before = process.umask(0);
    try {
      await using lab = await prepareAgent();
      await chmod(lab.dir, 0o755);
      await chmod(lab.stateDir, 0o777);
      await lab.start();
      const path = join(lab.stateDir, 'control.sock');
      assert.match(await askedAs(0, path), /^HTTP\/1\.1 200 /, 'its own user is');
      assert.equal(await askedAs(nobody, path), 'EACCES');
    } finally {
      process.umask(before);
    }
  },
  { skip: process.getuid?.() !== 0 && 'only root can be another user' },
);

scenario('whatever is said to the control socket, the agent goes on', async () => {
  await using lab = await startAgent();
  const path = join(lab.stateDir, 'control.sock');
  const post = (route: string, body: string, length = Buffer.byteLength(body)): string =>
    `POST ${route} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
  const routes = [
    '/dead-letters/replay',
    '/checkpoints/reset',
    '/checkpoints/rewind',
    '/../quit',
    '/__proto__',
    '/constructor',
  ];
  const bodies = [
    '',
    'null',
    '[]',
    '"x"',
    '{"__proto__":{"polluted":true},"output":{"toString":1},"outputs":"../../etc"}',
    '{"output":"../../../etc/passwd","file":"/etc/**","to":-1}',
    '['.repeat(100_000),
    `{"output":"${'x'.repeat(500_000)}"}`,
    '\u0000\uffff',
  ];
  const said = [
    'GET /health HTTP/1.1\r\n\r\n',
    '\u0016\u0003\u0001 hello\r\n\r\n',
    `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ...routes.flatMap((route) => bodies.map((body) => post(route, body))),
    post('/dead-letters/replay', '{}', 1_000_000_000),
  ];
  for (const text of said) {
    const socket = connect(path);
    socket.on('error', () => {}).resume();
    socket.end(text);
    await once(socket, 'close').catch(() => {});
  }
  assert.match(await askedAs(process.getuid?.() ?? 0, path), /^HTTP\/1\.1 200 /);
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
  assert.ok(!lab.agent.log.some(({ fields }) => fields.code === 'INTERNAL'), lab.agent.tail());
});

scenario(
  'links that were planted in the state directory are not followed: nothing is written where they lead',
  async () => {
    for (const name of ['checkpoints', 'dead-letters']) {
      await using lab = await prepareAgent();
      lab.server.judge = ({ document }) =>
        document.message === 'refused' ? { status: 400, type: 'document_parsing_exception', reason: 'no' } : undefined;
      const target = join(lab.dir, 'of-another');
      await mkdir(target);
      await writeFile(join(target, 'kept'), 'kept');
      await symlink(target, join(lab.stateDir, name));
      lab.ledgerBytes = () => undefined;
      await lab.start();
      await lab.logs.append('app.log', 'fine\nrefused\n');
      await lab.shows('it says so', ({ reasons }) => reasons.some(({ message }) => message.includes('is a link')));
      await until(() => lab.server.stored.some(({ document }) => document.message === 'fine'), {
        what: 'shipping goes on',
      });
      assert.deepEqual(await readdir(target), ['kept']);
      assert.ok((await lstat(join(lab.stateDir, name))).isSymbolicLink());
    }
  },
);
