import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { FileOutput } from '../../outputs/file/index.js';
import type { Handle, OpenHandle } from '../../outputs/file/line-file.js';
import type { Output } from '../../outputs/output.js';
import { RetryableError } from '../../src/types/errors.js';
import { isObject } from '../support/cloudwatch-rules.js';
import { outputContract } from '../support/contract.js';
import { itemsOf, recordOf } from '../support/items.js';

const never = new AbortController().signal;

interface OpenOptions {
  readonly maxBytes?: number;
  readonly maxFiles?: number;
  readonly name?: string;
  readonly openHandle?: OpenHandle;
}

function open({ maxBytes = 100 << 20, maxFiles = 5, name = 'out.ndjson', openHandle }: OpenOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pannier-file-'));
  const path = join(folder, name);
  const context = { settings: { path, maxBytes, maxFiles }, batchMaxBytes: 256 * 1024 };
  const make = () => new FileOutput(context, openHandle);
  const output: Output = make();
  return {
    folder,
    path,
    output,
    /** The same output as a later process would open it. */
    again: make,
    stored: () => (existsSync(path) ? messagesIn(path) : []),
    async [Symbol.asyncDispose]() {
      await output[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function messagesIn(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'), 'the file ends with a whole line');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const document: unknown = JSON.parse(line);
      assert.ok(isObject(document) && typeof document.message === 'string');
      return document.message;
    });
}

const send = (output: Output, ...lines: readonly string[]) =>
  output.send(
    itemsOf(
      output,
      lines.map((line) => recordOf(line)),
    ),
    never,
  );

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => assert.fail('resolved'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RetryableError, String(error));
  assert.equal(error.code, 'OUTPUT_UNWRITABLE');
  return error.message;
}

outputContract('file', { open: () => Promise.resolve(open()) });

test('the file is made for its owner alone, and only by the first batch', async () => {
  await using bench = open();
  assert.ok(!existsSync(bench.path));
  await send(bench.output, 'a');
  assert.equal(statSync(bench.path).mode & 0o777, 0o600);
});

test('it goes on at the end of what is there, also after a restart', async () => {
  await using bench = open();
  await send(bench.output, 'a');
  await bench.output[Symbol.asyncDispose]();
  await using later = bench.again();
  await send(later, 'b');
  assert.deepEqual(bench.stored(), ['a', 'b']);
});

test('a torn last line is cut when the file is opened, whole ones stay', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }),
      fc.oneof(fc.constant(0), fc.nat(40), fc.integer({ min: 65_500, max: 66_000 }), fc.constant(200_000)),
      async (lines, tornBytes) => {
        await using bench = open();
        const whole = lines.map((message) => `${JSON.stringify({ message })}\n`).join('');
        writeFileSync(bench.path, whole + '{'.repeat(tornBytes));
        await send(bench.output, 'next');
        assert.deepEqual(bench.stored(), [...lines, 'next']);
      },
    ),
    { numRuns: 40 },
  ));

test('it rotates before a batch that would not fit, and keeps as many files as it was told', async () => {
  await using bench = open({ maxBytes: 64 * 1024, maxFiles: 2 });
  const batch = (name: string) => send(bench.output, name, 'x'.repeat(40_000));
  const first = (path: string) => messagesIn(path)[0];
  for (const name of ['a', 'b', 'c', 'd']) await batch(name);
  assert.deepEqual(readdirSync(bench.folder).sort(), ['out.ndjson', 'out.ndjson.1', 'out.ndjson.2']);
  assert.deepEqual([bench.path, `${bench.path}.1`, `${bench.path}.2`].map(first), ['d', 'c', 'b']);
  for (const name of readdirSync(bench.folder)) assert.ok(statSync(join(bench.folder, name)).size <= 64 * 1024);
});

test('a batch larger than the limit has a file of its own', async () => {
  await using bench = open({ maxBytes: 64 * 1024 });
  await send(bench.output, 'x'.repeat(100_000));
  await send(bench.output, 'small');
  assert.equal(messagesIn(`${bench.path}.1`).length, 1);
  assert.deepEqual(bench.stored(), ['small']);
});

test('a file that someone moves, removes or truncates is opened anew, and nothing goes where nobody looks', async () => {
  await using bench = open();
  await send(bench.output, 'a');
  renameSync(bench.path, `${bench.path}.old`);
  await send(bench.output, 'b');
  assert.deepEqual(bench.stored(), ['b']);
  rmSync(bench.path);
  await send(bench.output, 'c');
  assert.deepEqual(bench.stored(), ['c']);
  truncateSync(bench.path, 0);
  await send(bench.output, 'd');
  assert.deepEqual(bench.stored(), ['d']);
  appendFileSync(bench.path, 'torn by someone');
  await send(bench.output, 'e');
  assert.deepEqual(bench.stored(), ['d', 'e']);
});

test('the agent can tell its own files from those it tails, also after a rotation', async () => {
  await using bench = open({ maxBytes: 64 * 1024 });
  assert.deepEqual(await bench.output.ownFiles?.(), []);
  await send(bench.output, 'x'.repeat(60_000));
  await send(bench.output, 'y'.repeat(60_000));
  const expected = [bench.path, `${bench.path}.1`].map((path) => {
    const { dev, ino } = statSync(path, { bigint: true });
    return { device: String(dev), inode: String(ino) };
  });
  assert.deepEqual(await bench.output.ownFiles?.(), expected);
});

test('what is no regular file is refused by name, without waiting and without following', async () => {
  await using bench = open();
  const refused = async () => {
    const [sent, checked] = [await refusal(send(bench.output, 'x')), await refusal(bench.output.check(never))];
    for (const message of [sent, checked]) assert.ok(message.includes(bench.path), message);
    return sent;
  };
  const elsewhere = join(bench.folder, 'elsewhere');
  symlinkSync(elsewhere, bench.path);
  assert.match(await refused(), /symbolic link/);
  assert.ok(!existsSync(elsewhere));
  rmSync(bench.path);
  mkdirSync(bench.path);
  assert.match(await refused(), /it is a folder/);
  rmSync(bench.path, { recursive: true });
  execFileSync('mkfifo', [bench.path]);
  assert.match(await refused(), /no regular file/);
  rmSync(bench.path);
  await send(bench.output, 'at last');
  assert.deepEqual(bench.stored(), ['at last']);
});

test('a missing folder is named, and used once it is there', async () => {
  await using bench = open({ name: 'sub/out.ndjson' });
  assert.match(await refusal(send(bench.output, 'x')), /sub\/out\.ndjson cannot be written: its folder does not exist/);
  assert.match(await refusal(bench.output.check(never)), /its folder does not exist/);
  mkdirSync(join(bench.folder, 'sub'));
  await bench.output.check(never);
  assert.deepEqual(readdirSync(join(bench.folder, 'sub')), [], 'the check makes nothing');
  await send(bench.output, 'x');
  assert.deepEqual(bench.stored(), ['x']);
});

type Fault = 'write' | 'datasync' | 'truncate' | 'short';

/**
 * The system's files, but for the faults that are set: `write` takes 5 bytes and then says that the disk is full, `short` takes 7 bytes at a time,
 * `datasync` and `truncate` fail.
 */
function faulty(faults: ReadonlySet<Fault>): OpenHandle {
  const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  return async (path, flags, mode): Promise<Handle> => {
    const handle = await openFile(path, flags, mode);
    let room = 5;
    return {
      write: (bytes, at, length) => {
        if (!faults.has('write')) return handle.write(bytes, at, faults.has('short') ? Math.min(7, length) : length);
        if (room === 0) return fail('ENOSPC');
        const some = Math.min(room, length);
        room -= some;
        return handle.write(bytes, at, some);
      },
      read: (bytes, at, length, position) => handle.read(bytes, at, length, position),
      datasync: () => (faults.has('datasync') ? fail('EIO') : handle.datasync()),
      truncate: (length) => (faults.has('truncate') ? fail('EIO') : handle.truncate(length)),
      stat: (options) => handle.stat(options),
      close: () => handle.close(),
    };
  };
}

test('a disk that gets full within a batch, or cannot sync, takes nothing of it', async () => {
  const faults = new Set<Fault>();
  await using bench = open({ openHandle: faulty(faults) });
  await send(bench.output, 'a');
  for (const fault of ['write', 'datasync'] as const) {
    faults.add(fault);
    assert.match(await refusal(send(bench.output, 'lost?', 'torn')), fault === 'write' ? /the disk is full/ : /EIO/);
    assert.deepEqual(bench.stored(), ['a']);
    faults.clear();
  }
  await bench.output[Symbol.asyncDispose]();
  await send(bench.output, 'b');
  assert.deepEqual(bench.stored(), ['a', 'b']);
});

test('what could not be taken back is cut when the file is opened again', async () => {
  const faults = new Set<Fault>(['write', 'truncate']);
  await using bench = open({ openHandle: faulty(faults) });
  await refusal(send(bench.output, 'torn'));
  assert.equal(readFileSync(bench.path, 'utf8').length, 5);
  faults.clear();
  await send(bench.output, 'whole');
  assert.deepEqual(bench.stored(), ['whole']);
});

test('short writes are gone on with', async () => {
  await using bench = open({ openHandle: faulty(new Set(['short'])) });
  await send(bench.output, 'a'.repeat(100), 'b');
  assert.deepEqual(bench.stored(), ['a'.repeat(100), 'b']);
});

test('a batch is synced before it is acknowledged', async () => {
  const synced: string[][] = [];
  await using bench = open({
    openHandle: async (path, flags, mode) => {
      const handle = await openFile(path, flags, mode);
      return {
        write: (bytes, at, length) => handle.write(bytes, at, length),
        read: (bytes, at, length, position) => handle.read(bytes, at, length, position),
        datasync: async () => {
          await handle.datasync();
          synced.push(messagesIn(path));
        },
        truncate: (length) => handle.truncate(length),
        stat: (options) => handle.stat(options),
        close: () => handle.close(),
      };
    },
  });
  await send(bench.output, 'a', 'b');
  assert.deepEqual(synced, [['a', 'b']]);
});

test('a folder that may not be written to is told', { skip: process.getuid?.() === 0 }, async () => {
  await using bench = open();
  chmodSync(bench.folder, 0o500);
  try {
    assert.match(await refusal(send(bench.output, 'x')), /may not write/);
    assert.match(await refusal(bench.output.check(never)), /may not write/);
  } finally {
    chmodSync(bench.folder, 0o700);
  }
});
