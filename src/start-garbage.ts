/** By then the first records are on their way, ms. */
const afterMs = 3000;

/**
 * Gives back, once, what the start has left behind: V8 keeps the garbage of loading, and twice the room for new objects, until enough has been
 * allocated, which an agent of a quiet application never does. On Node 24 it is 4 MB of 66 resident ones, for a pause of some 25 ms; Node 20 does it by
 * itself. Nothing happens where V8's collector is not shown to programs (`--expose-gc`, as in the image's ENTRYPOINT). Returns how to call it off.
 */
export function collectStartGarbage(collect: typeof globalThis.gc = globalThis.gc): () => void {
  if (collect === undefined) return () => {};
  // "last-resort" is V8's word for all that can be had: code that has not run lately too, and the room for new objects.
  const timer = setTimeout(() => collect({ type: 'major', flavor: 'last-resort', execution: 'sync' }), afterMs);
  timer.unref();
  return () => clearTimeout(timer);
}
