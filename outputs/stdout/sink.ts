import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Where bytes of standard output go. One `write` at a time. */
export interface Sink {
  /** Resolves once the system has taken all bytes, which `bytes` must not change before. @throws the system's error, or the reason of `signal` */
  write(bytes: Buffer, signal: AbortSignal): Promise<void>;
  /** A write that is under way is given up. Nothing of it is left in memory; a part of it may have been read. */
  close(): void;
}

/**
 * The sink for an open descriptor (1; tests use others). A pipe whose reader is slow must hold up neither the event loop (as process.stdout does)
 * nor a thread of libuv's pool (as a blocking fs.write does, which then also keeps the process from exiting): it is written without blocking.
 * @throws the system's error when the descriptor is closed
 */
export function openSink(fd: number): Sink {
  const stat = fstatSync(fd);
  if (!stat.isFIFO() && !stat.isSocket()) return new FileSink(fd);
  const own = openAgain(fd);
  return own === undefined ? sharedSink(fd) : new StreamSink(own, true);
}

/**
 * The same pipe with an open file description of our own: O_NONBLOCK belongs to the description, which others share (standard error after `2>&1`,
 * the shell). Undefined: a socket cannot be opened again, nor a pipe of another user, nor one without a reader.
 */
function openAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** One per descriptor, as long as it works: a second stream over it would not know of the first one's place in the line. */
const sharedSinks = new Map<number, StreamSink>();

function sharedSink(fd: number): StreamSink {
  const known = sharedSinks.get(fd);
  if (known !== undefined && !known.failed) return known;
  const sink = new StreamSink(fd, false);
  sharedSinks.set(fd, sink);
  return sink;
}

/** Pipes and sockets: the event loop writes on whenever there is room. */
class StreamSink implements Sink {
  readonly #socket: Socket;
  #error: Error | undefined;

  constructor(
    fd: number,
    private readonly owned: boolean,
  ) {
    this.#socket = new (owned ? Socket : LastingSocket)({ fd, readable: false, writable: true });
    // A write's own callback says the same, but an unheard 'error' event would end the process.
    this.#socket.on('error', (error) => (this.#error ??= error));
  }

  get failed(): boolean {
    return this.#error !== undefined;
  }

  write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.close();
        reject(asError(signal.reason));
      };
      signal.addEventListener('abort', abort, { once: true });
      // What is shared cannot be taken back by closing it, so it gets bytes that nobody will change.
      this.#socket.write(this.owned ? bytes : Buffer.from(bytes), (error) => {
        signal.removeEventListener('abort', abort);
        // After the first failure the socket is destroyed, and only that first one says why.
        if (error === undefined || error === null) resolve();
        else reject(this.#error ?? error);
      });
    });
  }

  close(): void {
    if (this.owned) this.#socket.destroy();
  }
}

/** Leaves its descriptor open whatever happens: were 1 closed, the next file opened anywhere would be taken for standard output. */
class LastingSocket extends Socket {
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error);
  }
}

/** Regular files, terminals and /dev/null. */
class FileSink implements Sink {
  constructor(private readonly fd: number) {}

  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      signal.throwIfAborted();
      const written = await writeSome(this.fd, bytes, at);
      // A terminal that someone made non-blocking and that is full.
      if (written === 0) await wait(fullWaitMs, undefined, { signal });
      at += written;
    }
  }

  close(): void {}
}

const fullWaitMs = 10;

/** Resolves with the number of bytes that were taken; 0 when there is no room. */
function writeSome(fd: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, at, bytes.length - at, null, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error('aborted', { cause: reason });
