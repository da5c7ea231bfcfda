import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';

const run = promisify(execFile);

const refused = (lab: Lab, path: string) =>
  lab.agent.logged(
    `${path} is refused`,
    ({ fields }) => fields.code === 'FILE_REFUSED' && JSON.stringify(fields).includes(path),
  );

scenario('a link inside the watched folder is followed, and its file is read once', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('app-2026.log', 'one\n');
  await lab.logs.symlink('app-2026.log', 'current.log');
  await lab.logs.append('..2026_11_20/mounted.log', 'two\n');
  await lab.logs.symlink('..2026_11_20', '..data');
  await lab.logs.symlink('..data/mounted.log', 'mounted.log');
  await lab.start();
  await lab.delivered(['one', 'two']);
  await lab.logs.append('current.log', 'three\n');
  await lab.delivered(['one', 'two', 'three']);
});

scenario('a link out of the watched folder is refused by name, and the others go on', async () => {
  await using lab = await prepareAgent();
  await writeFile(join(lab.dir, 'secret.txt'), 'a secret of the host\n');
  await mkdir(join(lab.dir, 'outside'));
  await writeFile(join(lab.dir, 'outside/inner.log'), 'another secret\n');
  await lab.logs.symlink(join(lab.dir, 'secret.txt'), 'innocent.log');
  await lab.logs.symlink(join(lab.dir, 'outside'), 'folder');
  await lab.logs.append('app.log', 'a line\n');
  await lab.start();
  await lab.delivered(['a line']);
  await refused(lab, 'innocent.log');
  await lab.logs.symlink('/etc/passwd', 'later.log');
  await refused(lab, 'later.log');
  await lab.logs.append('app.log', 'another\n');
  await lab.delivered(['a line', 'another']);
});

scenario('a folder of the watched path may itself be a link: that is the operator’s choice', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('app.log', 'a line\n');
  await lab.logs.symlink(lab.logs.path, '../alias');
  await lab.start({ PANNIER_PATHS: join(lab.dir, 'alias/*.log') });
  await lab.delivered(['a line']);
});

scenario('a FIFO, a socket and a device are refused without a wait, and the others go on', async () => {
  await using lab = await prepareAgent();
  await run('mkfifo', [lab.logs.at('pipe.log')]);
  const socket = createServer();
  socket.listen(lab.logs.at('socket.log'));
  await once(socket, 'listening');
  const device = await run('mknod', [lab.logs.at('device.log'), 'c', '1', '5']).then(
    () => true,
    () => false, // only root may make one
  );
  try {
    await lab.logs.append('app.log', 'a line\n');
    await lab.start();
    await lab.delivered(['a line']);
    for (const name of ['pipe.log', 'socket.log', ...(device ? ['device.log'] : [])]) await refused(lab, name);
    await lab.logs.append('app.log', 'another\n');
    await lab.delivered(['a line', 'another']);
  } finally {
    socket.close();
  }
});

scenario('an unreadable file is warned of with path and reason, and read once it may be', async () => {
  await using lab = await prepareAgent({ unprivileged: true });
  await lab.logs.append('closed.log', 'closed\n');
  await chmod(lab.logs.at('closed.log'), 0o000);
  await lab.logs.append('app.log', 'a line\n');
  lab.ledgerBytes = () => undefined;
  await lab.start();
  await lab.delivered(['a line']);
  const { fields } = await lab.agent.logged('the unreadable file', (line) => line.fields.code === 'FILE_UNREADABLE');
  assert.match(JSON.stringify(fields), /closed\.log/);
  assert.match(JSON.stringify(fields), /EACCES|permission/);
  await chmod(lab.logs.at('closed.log'), 0o644);
  await lab.delivered(['a line', 'closed']);
});

scenario('no line can forge another record, leave its string or reach a prototype', async () => {
  await using lab = await startAgent();
  const hostile = [
    '{"message":"a","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '{"message":"b\\n{\\"create\\":{}}\\n{\\"message\\":\\"forged\\"}"}',
    'c"}\r{"create":{"_id":"x"}}\u2028{"message":"forged"',
    '{"message":"d","log":{"file":{"path":"/etc/passwd"},"offset":-1},"@timestamp":"2026-11-20T09:15:02Z","_id":"forged"}',
    '\u0000\u0001\u001b[31me\u007f',
    `{"message":"f","deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    '{"message":"g","message":"last one counts","error":"mine","fields":7}',
  ];
  await lab.logs.append('app.log', `${hostile.join('\n')}\n`);
  await lab.shows('all delivered', () => lab.server.stored.length === hostile.length);
  assert.equal(lab.server.stored.filter(({ document }) => document.message === 'forged').length, 0);
  for (const { document, source } of lab.server.stored) {
    assert.match(source, new RegExp(`"path":"${lab.logs.at('app.log')}"`), 'the agent’s own fields stand');
    assert.equal(Object.getPrototypeOf(document), Object.prototype);
  }
  assert.equal(Object.getOwnPropertyDescriptor(Object.prototype, 'polluted'), undefined);
});

scenario('standard output that is a file in the watched folder is not read back', async () => {
  const lab = await prepareAgent({ outputs: 'stdout' });
  const file = await open(lab.logs.at('own.log'), 'a');
  await using own = await prepareAgent({ outputs: 'stdout', stdout: file.fd });
  try {
    await own.start({ PANNIER_PATHS: join(lab.logs.path, '*.log') });
    await lab.logs.append('app.log', 'a line\n');
    own.ledgerBytes = () => lab.logs.written;
    await own.shows('the line', ({ outputs }) => (outputs.stdout?.ledger.delivered ?? 0) > 0);
    await lab.logs.append('app.log', 'another\n');
    const { outputs, files_total } = await own.shows('both', ({ outputs: all }) => all.stdout?.ledger.delivered === 15);
    assert.equal(outputs.stdout?.ledger.pending, 0);
    assert.equal(files_total, 1);
  } finally {
    await file.close();
    await lab[Symbol.asyncDispose]();
  }
});
