import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitHeap, heapFlags, type Host } from './heap-limit.js';

const mib = 1024 ** 2;

test('128 MiB give the old space 44, the semi space 2', () => {
  assert.deepEqual(heapFlags(128 * mib, [], ''), ['--max-semi-space-size=2', '--max-old-space-size=44', '--expose-gc']);
});

test('the old space grows with the limit, and is never less than the program needs', () => {
  const oldSpace = (limit: number) => Number(/\d+$/.exec(heapFlags(limit, [], '')?.[1] ?? '')?.[0]);
  assert.equal(oldSpace(256 * mib), 89);
  assert.equal(oldSpace(1024 * mib - 1), 358);
  for (const limit of [1, 32 * mib, 57 * mib]) assert.equal(oldSpace(limit), 20);
});

test('where nothing limits memory, or much is allowed, V8 decides', () => {
  // No cgroup; cgroup v2 without a limit; cgroup v1 without one; a gibibyte.
  for (const none of [0, 2 ** 64, 9_223_372_036_854_771_712, 1024 * mib, Number.NaN])
    assert.equal(heapFlags(none, [], ''), undefined);
});

test("whoever limits the heap by a flag has decided, in any of V8's spellings, and also in NODE_OPTIONS", () => {
  const spellings = [
    '--max-old-space-size=64',
    '--max_old_space_size=64',
    '--max-semi-space-size',
    '--max-heap-size=70',
  ];
  for (const flag of [...spellings, '--max-old-space-size-percentage=50']) {
    assert.equal(heapFlags(128 * mib, ['--no-warnings', flag], ''), undefined, flag);
    assert.equal(heapFlags(128 * mib, [], `--no-warnings ${flag}`), undefined, flag);
  }
  assert.notEqual(
    heapFlags(128 * mib, ['--stack-size=900', '--title=--max'], '--max-http-header-size=9000'),
    undefined,
  );
});

/** A process in 128 MiB whose replacement is noted. */
function host(more: Partial<Host> = {}): { readonly host: Host; readonly replaced: (readonly string[])[] } {
  const replaced: (readonly string[])[] = [];
  return {
    replaced,
    host: {
      argv: [process.execPath, '/app/pannier.js', 'run', '--once'],
      argv0: 'node',
      env: {},
      execArgv: ['--no-warnings'],
      execPath: process.execPath,
      constrainedMemory: () => 128 * mib,
      execve: (file, args) => {
        replaced.push([file, ...args]);
        throw new Error('replaced');
      },
      ...more,
    },
  };
}

const running = () => false;

test('the process is replaced by the same program, with its flags and arguments', async () => {
  const { host: process_, replaced } = host();
  await fitHeap(running, process_);
  const flags = ['--max-semi-space-size=2', '--max-old-space-size=44', '--expose-gc'];
  assert.deepEqual(replaced, [
    [process.execPath, 'node', ...flags, '--no-warnings', '/app/pannier.js', 'run', '--once'],
  ]);
});

test('it is replaced once: what it is replaced by finds its flags', async () => {
  const { host: first, replaced } = host();
  await fitHeap(running, first);
  const execArgv = replaced[0]?.filter((argument) => argument.startsWith('--max')) ?? [];
  const { host: second, replaced: again } = host({ execArgv });
  await fitHeap(running, second);
  assert.deepEqual(again, []);
});

test('a stop that came before it is not forgotten: the process stays', async () => {
  const { host: process_, replaced } = host();
  let stopped = false;
  // Comes as a signal does: by a turn of the event loop, after the call.
  setImmediate(() => (stopped = true));
  assert.equal(await fitHeap(() => stopped, process_), 'asked to stop');
  assert.deepEqual(replaced, []);
});

test('where it cannot be replaced it stays, and says what to do', async () => {
  const { host: old } = host({ execve: undefined });
  assert.match(await fitHeap(running, old), /start with node --max-semi-space-size=2 --max-old-space-size=44.*version/);
  const cases: Partial<Host>[] = [
    { connected: true },
    { argv: [process.execPath] },
    // A program that was replaced on disk: Node 24 would abort.
    { execPath: '/nowhere/node (deleted)' },
  ];
  for (const more of cases) {
    const { host: process_, replaced } = host(more);
    assert.match(await fitHeap(running, process_), /start with node/);
    assert.deepEqual(replaced, [], JSON.stringify(more));
  }
});
