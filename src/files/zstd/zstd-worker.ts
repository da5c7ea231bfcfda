import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { UnsuitableFrame, ZstdFrames } from './frames.js';

/** What the thread is asked: what else these bytes give; nothing: what else the bytes before give; 'end': whether all was complete. */
export type Ask = Uint8Array | undefined | 'end';

export interface Reply {
  readonly blocks: readonly Uint8Array[];
  /** True: all that the bytes give was had. */
  readonly hungry: boolean;
  /** The data is broken, or (`isUnsuitable`) not to be unpacked here. */
  readonly fault?: string;
  readonly isUnsuitable?: boolean;
}

/** One reply carries about so much. */
const replyBytes = 512 * 1024;

/** Unpacks zstd in a thread of its own: what a hostile file makes the decoder do, for however long, is not done by the agent, and can be ended. */
const port = parentPort;
assert.ok(port !== null);
const frames = new ZstdFrames();
let blocks: Generator<Uint8Array, void, undefined> | undefined;

const answer = (ask: Ask): Reply => {
  if (ask === 'end') {
    frames.end();
    return { blocks: [], hungry: true };
  }
  if (ask !== undefined) frames.put(ask);
  blocks ??= frames.blocks();
  const found: Uint8Array[] = [];
  for (let bytes = 0; bytes < replyBytes;) {
    const next = blocks.next();
    if (next.done === true) {
      blocks = undefined;
      break;
    }
    bytes += next.value.length;
    found.push(next.value);
  }
  return { blocks: found, hungry: blocks === undefined };
};

port.on('message', (ask: Ask) => {
  try {
    port.postMessage(answer(ask));
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    port.postMessage({ blocks: [], hungry: true, fault, isUnsuitable: error instanceof UnsuitableFrame });
  }
});
