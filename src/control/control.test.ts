import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askSocket, refusalOf, type SocketQuestion } from '../commands/ask-socket.js';
import { ControlError, longestSocketPath, type ControlRoutes } from '../types/control.js';
import { until } from '../../test/support/until.js';
import { startControl } from './control.js';

interface Said {
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

async function lab(routes: ControlRoutes = {}, { isHeld = (): boolean => true, depth = 0 } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'pannier-control-'));
  const stateDir = depth === 0 ? root : join(root, 'x'.repeat(depth));
  await mkdir(stateDir, { recursive: true });
  const said: Said[] = [];
  const say = (fields: Record<string, unknown>, message: string): void => void said.push({ fields, message });
  const log = { debug: () => {}, info: say, warn: say, error: say };
  const start = () => startControl({ stateDir, isHeld, routes, log, retryMs: 5 });
  return {
    stateDir,
    path: join(stateDir, 'control.sock'),
    said,
    start,
    ask: (question: SocketQuestion) => askSocket(stateDir, question),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

test('a request is answered, with its body; the socket is ours alone and goes at the end, with nothing beside it', async () => {
  await using t = await lab({ 'POST /echo': ({ body }) => Promise.resolve({ got: body }) });
  await chmod(t.stateDir, 0o777);
  {
    await using control = await t.start();
    assert.equal(control.problem, '');
    assert.equal((await stat(t.path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(t.stateDir), ['control.sock']);
    assert.deepEqual(await t.ask({ route: 'POST /echo', body: { a: [1] } }), {
      kind: 'answered',
      code: 200,
      value: { got: { a: [1] } },
    });
  }
  assert.deepEqual(await readdir(t.stateDir), []);
  assert.equal((await t.ask({ route: 'POST /echo' })).kind, 'nobody');
});

test('what a dead agent left is replaced: a socket, and a folder in which it was about to make one', async () => {
  await using t = await lab({ 'GET /a': () => Promise.resolve('new') });
  const dead = createServer().listen(`${t.path}-made`);
  await once(dead, 'listening');
  // A process that is killed leaves its socket; one that closes takes it away. So it gets another name before.
  await (await import('node:fs/promises')).rename(`${t.path}-made`, t.path);
  dead.close();
  await mkdir(join(t.stateDir, '.control'));
  await writeFile(join(t.stateDir, '.control', 's'), '');
  assert.equal((await t.ask({ route: 'GET /a' })).kind, 'nobody');
  await using control = await t.start();
  assert.equal(control.problem, '');
  assert.deepEqual(await t.ask({ route: 'GET /a' }), { kind: 'answered', code: 200, value: 'new' });
});

test('without the lock of the state directory nothing is replaced, until it is ours', async () => {
  let held = false;
  await using t = await lab({ 'GET /a': () => Promise.resolve('ours') }, { isHeld: () => held });
  const other = createServer().listen(t.path);
  await once(other, 'listening');
  const { ino } = await stat(t.path);
  await using control = await t.start();
  assert.notEqual(control.problem, '');
  assert.equal((await stat(t.path)).ino, ino);
  held = true;
  await until(async () => (await t.ask({ route: 'GET /a', idleMs: 1000 })).kind === 'answered', { what: 'it is ours' });
  assert.equal(t.said.length, 1);
  assert.equal(control.problem, '');
  other.close();
});

test('the socket that another agent has made since stays', async () => {
  await using t = await lab({ 'GET /a': () => Promise.resolve('second') });
  const first = await t.start();
  await using control = await t.start();
  assert.equal(control.problem, '');
  await first[Symbol.asyncDispose]();
  assert.deepEqual(await t.ask({ route: 'GET /a' }), { kind: 'answered', code: 200, value: 'second' });
});

test('a path that is too long for a socket is said once, with the limit, and nobody is asked there', async () => {
  await using t = await lab({}, { depth: 100 });
  await using control = await t.start();
  assert.match(control.problem, new RegExp(`${longestSocketPath}`));
  assert.deepEqual(
    t.said.map(({ fields }) => fields.code),
    ['CONTROL_FAILED'],
  );
  const answer = await t.ask({ route: 'GET /a' });
  assert.ok(answer.kind === 'nobody' && answer.why.includes('too long'));
});

test('a refusal reaches the caller in its own words, a bug only the log', async () => {
  await using t = await lab({
    'POST /no': () => Promise.reject(new ControlError(409, 'not now')),
    'POST /bug': () => Promise.reject(new Error('secret')),
  });
  await using control = await t.start();
  assert.equal(control.problem, '');
  const refused = await t.ask({ route: 'POST /no' });
  assert.ok(refused.kind === 'answered' && refused.code === 409);
  assert.equal(refusalOf(refused.value), 'not now');
  const bug = await t.ask({ route: 'POST /bug' });
  assert.ok(bug.kind === 'answered' && bug.code === 500);
  assert.doesNotMatch(refusalOf(bug.value), /secret/);
  assert.deepEqual(
    t.said.map(({ fields }) => fields.code),
    ['INTERNAL'],
  );
});

for (const [what, route, body, code] of [
  ['an unknown route', 'GET /b', '', 404],
  ["a name of every object's", 'GET constructor', '', 400],
  ['a known path with another method', 'GET /a', '', 404],
  ['a body that is no JSON', 'POST /a', '{', 400],
  ['a body that is too long', 'POST /a', `"${'x'.repeat(70_000)}"`, 413],
] as const)
  test(`${what} is refused with ${code}`, async () => {
    await using t = await lab({ 'POST /a': () => Promise.resolve('done') });
    await using control = await t.start();
    assert.equal(control.problem, '');
    const [method = '', path = ''] = route.split(' ');
    const got = await new Promise<number>((resolve, reject) => {
      const asking = request({ socketPath: t.path, method, path, agent: false }, (response) => {
        resolve(response.statusCode ?? 0);
        response.resume();
      });
      asking.on('error', reject);
      asking.end(body);
    });
    assert.equal(got, code);
    assert.deepEqual(t.said, []);
  });

test('an answer in lines comes line by line, goes on only as the caller reads, and ends when the caller goes away', async () => {
  let made = 0;
  let ended = false;
  const line = 'x'.repeat(100_000);
  const signals: AbortSignal[] = [];
  await using t = await lab({
    'GET /lines': async function* ({ signal }) {
      signals.push(signal);
      try {
        while (!signal.aborted) {
          made++;
          yield { made, line };
          await new Promise(setImmediate);
        }
      } finally {
        ended = true;
      }
    },
    'GET /few': async function* () {
      await Promise.resolve();
      yield 1;
      yield [2];
    },
    'GET /broken': async function* () {
      await Promise.resolve();
      yield 1;
      throw new ControlError(409, 'in the middle');
    },
  });
  await using control = await t.start();
  assert.equal(control.problem, '');
  const lines: unknown[] = [];
  await t.ask({ route: 'GET /few', onLine: (value) => lines.push(value) });
  assert.deepEqual(lines.splice(0), [1, [2]]);
  await t.ask({ route: 'GET /broken', onLine: (value) => lines.push(value) });
  assert.deepEqual(lines, [1, { error: { message: 'in the middle' } }]);

  const slow = connect(t.path).pause();
  slow.write('GET /lines HTTP/1.1\r\nHost: x\r\n\r\n');
  let before = -1;
  await until(
    async () => {
      const still = made > 0 && made === before;
      before = made;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      return still && made === before;
    },
    { what: 'it waits for the reader' },
  );
  assert.ok(made < 100, `${made} lines were made for nobody`);
  slow.destroy();
  await until(() => ended, { what: 'the work ends with its caller' });
  assert.equal(signals[0]?.aborted, true);
});

test('at its end the work of a request is told to stop and waited for', async () => {
  let state = 'none';
  await using t = await lab({
    'POST /long': async ({ signal }) => {
      state = 'begun';
      await once(signal, 'abort');
      await new Promise(setImmediate);
      state = 'ended';
    },
  });
  const control = await t.start();
  const asked = t.ask({ route: 'POST /long' });
  await until(() => state === 'begun', { what: 'it is at work' });
  await control[Symbol.asyncDispose]();
  assert.equal(state, 'ended');
  await asked;
});
