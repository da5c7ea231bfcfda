import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { StdoutOutput } from '../../outputs/stdout/index.js';
import { OutputClosedError } from '../../src/types/errors.js';
import { isObject } from '../support/cloudwatch-rules.js';
import { outputContract, type Subject } from '../support/contract.js';
import { itemsOf, recordOf } from '../support/items.js';
import { until } from '../support/until.js';

const never = new AbortController().signal;

function messages(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const document: unknown = JSON.parse(line);
      assert.ok(isObject(document) && typeof document.message === 'string');
      return document.message;
    });
}

/** A FIFO with a reader that takes what comes, unless it is told to wait. */
class Fifo implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'pannier-stdout-'));
  readonly path = join(this.folder, 'fifo');
  readonly reader: number;
  readonly writer: number;
  text = '';
  readonly #reading: NodeJS.Timeout | undefined;
  readonly #chunk = Buffer.alloc(1 << 16);
  /** No writer is left. */
  ended = false;
  #open = true;
  #writing = true;

  constructor({ reading = true } = {}) {
    execFileSync('mkfifo', [this.path]);
    this.reader = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writer = openSync(this.path, constants.O_WRONLY);
    this.#reading = reading ? setInterval(() => this.readAll(), 1) : undefined;
  }

  /** Takes all that is in the pipe now. */
  readAll(): string {
    try {
      for (let got = -1; got !== 0;) {
        got = readSync(this.reader, this.#chunk);
        this.text += this.#chunk.toString('latin1', 0, got);
      }
      this.ended = true;
    } catch (error) {
      // EAGAIN: empty.
      assert.match(String(error), /EAGAIN/);
    }
    return Buffer.from(this.text, 'latin1').toString();
  }

  closeReader(): void {
    clearInterval(this.#reading);
    if (this.#open) closeSync(this.reader);
    this.#open = false;
  }

  closeWriter(): void {
    if (this.#writing) closeSync(this.writer);
    this.#writing = false;
  }

  [Symbol.dispose](): void {
    this.closeReader();
    this.closeWriter();
    rmSync(this.folder, { recursive: true });
  }
}

outputContract('stdout, a pipe', {
  open: (): Promise<Subject> => {
    const fifo = new Fifo();
    const output = new StdoutOutput(fifo.writer, 1 << 20);
    return Promise.resolve({
      output,
      stored: () => messages(fifo.readAll()),
      async [Symbol.asyncDispose]() {
        await output[Symbol.asyncDispose]();
        fifo[Symbol.dispose]();
      },
    });
  },
});

outputContract('stdout, a file', {
  open: (): Promise<Subject> => {
    const folder = mkdtempSync(join(tmpdir(), 'pannier-stdout-'));
    const fd = openSync(join(folder, 'out'), 'w');
    const output = new StdoutOutput(fd, 1 << 20);
    return Promise.resolve({
      output,
      stored: () => messages(readFileSync(join(folder, 'out'), 'utf8')),
      async [Symbol.asyncDispose]() {
        await output[Symbol.asyncDispose]();
        closeSync(fd);
        rmSync(folder, { recursive: true });
      },
    });
  },
});

const large = Array.from({ length: 40 }, (_, i) => `${i} `.padEnd(10_000, '.'));
const batch = (output: StdoutOutput, lines: readonly string[]) =>
  itemsOf(
    output,
    lines.map((line) => recordOf(line)),
  );

test('a send waits for a slow reader, then every byte has come', async () => {
  using fifo = new Fifo({ reading: false });
  await using output = new StdoutOutput(fifo.writer, 1 << 20);
  let done = false;
  const sent = output.send(batch(output, large), never).then(() => (done = true));
  await until(() => fifo.readAll().length > 100_000, { what: 'some of the batch is read' });
  assert.equal(done, false, 'more than the pipe holds is still to come');
  await until(() => fifo.readAll().endsWith('}\n') && done, { what: 'the rest' });
  await sent;
  assert.deepEqual(messages(fifo.text), large);
});

test('an abort ends a send at once, and the next one begins on a line of its own', async () => {
  using fifo = new Fifo({ reading: false });
  await using output = new StdoutOutput(fifo.writer, 1 << 20);
  const abort = new AbortController();
  const sent = output.send(batch(output, large), abort.signal);
  await until(() => fifo.readAll() !== '', { what: 'the batch has begun' });
  abort.abort();
  await assert.rejects(sent);
  const torn = fifo.readAll();
  assert.ok(!torn.endsWith('\n'), 'the batch was torn within a line');
  assert.equal(await output.send(batch(output, ['after']), never), 'accepted');
  const rest = fifo.readAll().slice(torn.length);
  assert.deepEqual(messages(rest), ['after']);
  assert.ok(rest.startsWith('\n'));
  await output[Symbol.asyncDispose]();
  fifo.closeWriter();
  await until(() => (fifo.readAll(), fifo.ended), { what: 'nobody holds the pipe open any more' });
  assert.ok(fifo.text.endsWith(rest), 'nothing of the aborted batch came later');
});

test('a reader that goes away ends the output, before and during a send', async () => {
  {
    using fifo = new Fifo();
    await using output = new StdoutOutput(fifo.writer, 1 << 20);
    assert.equal(await output.send(batch(output, ['one']), never), 'accepted');
    fifo.closeReader();
    await assert.rejects(output.send(batch(output, ['two']), never), OutputClosedError);
    await assert.rejects(output.send(batch(output, ['two']), never), OutputClosedError, 'again');
  }
  using fifo = new Fifo({ reading: false });
  await using output = new StdoutOutput(fifo.writer, 1 << 20);
  const sent = output.send(batch(output, large), never);
  await until(() => fifo.readAll() !== '', { what: 'the batch has begun' });
  fifo.closeReader();
  await assert.rejects(sent, OutputClosedError);
});

test('a descriptor that is closed is an output that has ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pannier-stdout-'));
  const fd = openSync(join(folder, 'out'), 'w');
  closeSync(fd);
  await using output = new StdoutOutput(fd, 1 << 20);
  await assert.rejects(output.check(never), OutputClosedError);
  await assert.rejects(output.send(batch(output, ['one']), never), OutputClosedError);
  rmSync(folder, { recursive: true });
});

test('a full disk is waited for', { skip: process.platform !== 'linux' }, async () => {
  const fd = openSync('/dev/full', 'w');
  await using output = new StdoutOutput(fd, 1 << 20);
  await assert.rejects(output.send(batch(output, ['one']), never), { code: 'OUTPUT_UNWRITABLE', message: /ENOSPC/ });
  closeSync(fd);
});

/** The program beside this test, with its standard output as a shell gives it (`command`), or as a socket (none). */
class Writer implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = '';
  readonly facts: Readonly<Record<string, unknown>>[] = [];
  readonly #ended: Promise<unknown>;

  constructor(args: readonly number[], command?: string) {
    const program = fileURLToPath(new URL('../support/stdout-writer.js', import.meta.url));
    const words = [process.execPath, program, ...args.map(String)];
    // The whole group is ended at last, so that nothing that the shell started stays.
    this.child =
      command === undefined
        ? spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
        : spawn('sh', ['-c', `"$@" ${command}`, 'sh', ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#ended = once(this.child, 'exit');
    let rest = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const fact: unknown = JSON.parse(line);
        if (isObject(fact)) this.facts.push(fact);
      }
    });
  }

  has(key: string): Promise<unknown> {
    return until(() => this.facts.find((fact) => key in fact)?.[key], {
      what: `the program says ${key}`,
      instead: () => JSON.stringify(this.facts),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    await this.#ended;
  }
}

test('a socket whose reader is slow holds up neither the event loop nor the process', async () => {
  await using writer = new Writer([8]);
  await until(() => writer.facts.filter((fact) => 'turns' in fact).length >= 5, { what: 'the event loop turns' });
  assert.ok(!writer.facts.some(({ sent }) => sent === 7), 'nobody reads yet');
  writer.child.stdout?.setEncoding('utf8').on('data', (text: string) => (writer.stdout += text));
  await writer.has('end');
  await until(() => writer.stdout.split('\n').length > 8 * 1024, { what: 'everything is read' });
  assert.deepEqual(
    messages(writer.stdout),
    Array.from({ length: 8 * 1024 }, (_, i) => `line ${i}`),
  );
});

for (const [what, command] of [
  ['a pipe', '| sleep 60'],
  ['a socket', undefined],
] as const)
  test(`an aborted send into ${what} that nobody reads does not keep the process from exiting`, async () => {
    await using writer = new Writer([3, 50], command);
    await writer.has('end');
    assert.ok(writer.facts.some(({ aborted }) => aborted === true));
    assert.ok(
      writer.facts.some((fact) => 'turns' in fact),
      'the event loop turned',
    );
    const pid = writer.child.pid ?? 0;
    await until(() => !childrenOf(pid).includes('stdout-writer'), { what: 'the program is gone', deadlineMs: 10_000 });
  });

/** Command lines of a process and its children, from /proc. */
function childrenOf(pid: number): string {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  const lines = children.map((child) => read(`/proc/${child}/cmdline`));
  return [read(`/proc/${pid}/stat`).includes(') Z ') ? '' : read(`/proc/${pid}/cmdline`), ...lines]
    .map((line) => (line.startsWith('sh\0') ? '' : line))
    .join('\n');
}

test('a reader like head ends the output, also behind a shell', async () => {
  await using writer = new Writer([50], '| head -n 3');
  writer.child.stdout?.setEncoding('utf8').on('data', (text: string) => (writer.stdout += text));
  assert.equal(await writer.has('failed'), 'OutputClosedError');
  await until(() => writer.stdout.split('\n').length > 3, { what: 'head has printed' });
  assert.deepEqual(messages(writer.stdout), ['line 0', 'line 1', 'line 2']);
});

test('a pipe that others share stays as blocking as it was for them', async () => {
  await using writer = new Writer([2], '| cat');
  writer.child.stdout?.resume();
  await writer.has('end');
  assert.equal(writer.facts.find((fact) => 'end' in fact)?.nonBlocking, false);
});
