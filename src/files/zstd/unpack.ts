import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { Content } from '../content.js';
import { RefusedError } from '../open-checked.js';
import type { Ask, Reply } from './zstd-worker.js';

/** A block takes a millisecond. Only one that was made to take long comes near this. */
const replyWithinMs = 20_000;

/**
 * The unpacked bytes of a zstd file as a stream; errors when the data, its length or its checksum (where it has one) is wrong or it ends too early.
 * Each is unpacked by a thread of its own, which ends with the stream. @throws RefusedError for frames that ask for too much
 */
export const unpackZstd = (packed: Content): Readable =>
  Readable.from(chunks(packed), { objectMode: false, highWaterMark: 65_536 });

async function* chunks(packed: Content): AsyncGenerator<Buffer> {
  // Beside this module, and beside the bundle that it becomes a part of.
  const worker = new Worker(new URL('./zstd-worker.js', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  try {
    for (let position = 0; ;) {
      const chunk = Buffer.alloc(65_536);
      const count = await packed.read(chunk, 0, chunk.length, position);
      position += count;
      let reply = await ask(worker, count === 0 ? 'end' : new Uint8Array(chunk.subarray(0, count)));
      for (;;) {
        for (const block of reply.blocks) yield Buffer.from(block.buffer, block.byteOffset, block.byteLength);
        if (reply.hungry) break;
        reply = await ask(worker, undefined);
      }
      if (count === 0) return;
    }
  } finally {
    await worker.terminate();
  }
}

async function ask(worker: Worker, what: Ask): Promise<Reply> {
  worker.postMessage(what);
  const [reply] = (await once(worker, 'message', { signal: AbortSignal.timeout(replyWithinMs) })) as [Reply];
  if (reply.fault !== undefined) {
    if (reply.isUnsuitable === true) throw new RefusedError(`it can not be unpacked: ${reply.fault}`);
    throw new Error(reply.fault);
  }
  return reply;
}
