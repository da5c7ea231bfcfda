import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/agent-process.js';
import { refused } from '../support/bulk-api.js';
import { prepareAgent, scenario, type Lab, type LabOptions } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

/** A file system of 6 MiB in place of a folder. @throws Error where mounting is not permitted */
function mountSmall(path: string): AsyncDisposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', path], { stdio: 'ignore' });
  return {
    [Symbol.asyncDispose]: () => Promise.resolve(void execFileSync('umount', ['--lazy', path], { stdio: 'ignore' })),
  };
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'pannier-mount-'));
  try {
    void mountSmall(path);
    execFileSync('umount', [path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
}

const onSmallDisk = canMount()
  ? scenario
  : (name: string): void => void test(name, { skip: 'mounting is not permitted here' }, () => {});

/** A lab whose state directory is a small disk of its own. */
async function smallDisk(options: LabOptions = {}): Promise<Lab & AsyncDisposable> {
  const lab = await prepareAgent(options);
  const volume = mountSmall(lab.stateDir);
  const dispose = lab[Symbol.asyncDispose].bind(lab);
  lab[Symbol.asyncDispose] = async () => {
    await volume[Symbol.asyncDispose]();
    await dispose();
  };
  return lab;
}

const ballastOf = (lab: Lab): string => join(lab.stateDir, 'ballast');
/** Takes all the room there is. */
const fill = (lab: Lab): Promise<void> => writeFile(ballastOf(lab), Buffer.alloc(8 * 1024 * 1024)).catch(() => {});
const free = (lab: Lab): Promise<void> => rm(ballastOf(lab));

/** Writes lines until a commit meets the full disk: LevelDB's log has a page to go on in. Returns them. */
async function untilNotDurable(lab: Lab): Promise<string[]> {
  const written: string[] = [];
  await until(
    async () => {
      const line = `while it fills ${written.length}`;
      await lab.logs.append('app.log', `${line}\n`);
      written.push(line);
      return !(await lab.health()).state.durable;
    },
    { what: 'a commit fails' },
  );
  return written;
}

onSmallDisk('a full state disk: shipping goes on, it is said, and ends by itself when there is room', async () => {
  await using lab = await smallDisk();
  await lab.start();
  const lines = numbered('before', 100);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  lab.forgetDelivered();
  await fill(lab);
  lines.push(...(await untilNotDurable(lab)));
  const health = await lab.health();
  assert.equal(health.status, 'degraded');
  assert.ok(health.reasons.some(({ code }) => code === 'STATE_NOT_DURABLE'));
  const during = numbered('during', 1_000);
  await lab.logs.append('app.log', asText(during));
  await lab.logs.append('new.log', 'a new file\n');
  lines.push(...during, 'a new file');
  await lab.delivered(lines);
  await free(lab);
  await lab.shows('durable again', ({ state, status }) => state.durable && status === 'ok');
  await lab.restart();
  await lab.logs.append('app.log', 'after\n');
  await lab.delivered([...lines, 'after']);
  assert.equal(lab.server.repeated, 0, 'what memory held is on the disk');
});

onSmallDisk('killed while its state disk is full: some lines come again, none is lost or stored twice', async () => {
  await using lab = await smallDisk();
  await lab.start();
  const lines = numbered('before', 100);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  lab.forgetDelivered();
  await fill(lab);
  lines.push(...(await untilNotDurable(lab)));
  const during = numbered('during', 500);
  await lab.logs.append('app.log', asText(during));
  lines.push(...during);
  await lab.delivered(lines);
  await lab.kill9();
  await free(lab);
  lab.forgetDelivered();
  await lab.start();
  await lab.logs.append('app.log', 'with room\n');
  await lab.delivered([...lines, 'with room']);
  assert.ok(lab.server.repeated > 0, 'what the disk did not take came again, under the same ids');
  assert.ok((await lab.health()).state.durable);
});

// A store that can't be opened for writing can't be read either: everything comes again, as after the loss of a store.
onSmallDisk('a state disk that is read-only: it ships, and nothing is lost once it can be written', async () => {
  await using lab = await smallDisk();
  await lab.start();
  const lines = numbered('before', 100);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  assert.equal(await lab.stop(), 0);
  lab.forgetDelivered();
  execFileSync('mount', ['-o', 'remount,ro', lab.stateDir]);
  await lab.logs.append('app.log', 'read-only\n');
  await lab.start();
  const health = await lab.shows('degraded', ({ status }) => status === 'degraded');
  assert.ok(health.reasons.some(({ code }) => code === 'STATE_NOT_DURABLE'));
  assert.equal((await lab.get('/readyz')).status, 200);
  await until(() => lab.server.messages().includes('read-only'), { what: 'it ships' });
  await lab.kill9();
  execFileSync('mount', ['-o', 'remount,rw', lab.stateDir]);
  await lab.logs.append('app.log', 'writable\n');
  await lab.start();
  await until(() => lab.server.messages().includes('writable'), { what: 'it ships on' });
  assert.equal((await lab.health()).state.durable, true);
  const stored = new Set(lab.server.messages());
  for (const line of [...lines, 'read-only', 'writable']) assert.ok(stored.has(line), line);
});

onSmallDisk('dead letters on a full disk: the lane waits, and a replay takes them out without room', async () => {
  await using lab = await smallDisk();
  await lab.start();
  lab.server.judge = () => refused('document_parsing_exception', 'no good');
  const first = numbered('first', 20);
  await lab.logs.append('app.log', asText(first));
  await until(async () => (await lab.deadLetters()).length === first.length, { what: 'the first letters' });
  await fill(lab);
  const more = Array.from({ length: 60 }, (_, n) => `more ${n} ${'x'.repeat(200)}`);
  await lab.logs.append('app.log', asText(more));
  await lab.shows('blocked', ({ outputs }) => outputs.elasticsearch?.state === 'blocked');
  lab.server.judge = ({ source }) =>
    source.includes('more') ? refused('document_parsing_exception', 'no good') : undefined;
  const { code, stdout, stderr } = await runCommand({
    env: lab.env,
    args: ['dead-letters', 'replay'],
    cwd: lab.dir,
  });
  // The lane may have had room for some of its own.
  assert.ok(code === 0 || code === 75, stderr);
  assert.match(stdout, /elasticsearch: 20 accepted/);
  for (const { message } of await lab.deadLetters()) assert.match(String(message), /^more/);
  await free(lab);
  await until(async () => (await lab.deadLetters()).length === more.length, { what: 'the others, once there is room' });
  await lab.caughtUp();
  assert.deepEqual(
    lab.server.messages().filter((message) => message.startsWith('first')),
    first,
  );
});
