import { isWhiteSpace } from './bytes';
import { isSame } from './names';

/**
 * What shows that a line belongs with the one before it, or with the next one: white space, or one of the triggers that the kernel is told at its
 * start. A line without any of it, between two such lines, is a record by itself.
 */
const placeBytes: usize = 8;
/** Address and length of each; those with the same first byte follow each other. */
const triggers: usize = memory.data(1024, 8);
/** By first byte: number of its first trigger, and one past its last one. */
const ranges: usize = memory.data(512, 8);
let triggerCount: u32 = 0;

/** Adds a trigger, which is not empty; all with the same first byte one after the other. At most 128: the caller counts. */
export function addTrigger(at: usize, length: usize): void {
  const place = triggers + <usize>triggerCount * placeBytes;
  store<u32>(place, <u32>at);
  store<u32>(place + 4, <u32>length);
  const range = ranges + ((<usize>load<u8>(at)) << 1);
  if (load<u8>(range + 1) == 0) store<u8>(range, triggerCount);
  triggerCount++;
  store<u8>(range + 1, triggerCount);
}

/** True when the line [at, to) may belong with another one. An empty one may, and so may one that begins with a NUL. */
export function mayJoin(at: usize, to: usize): bool {
  if (at == to) return true;
  const first: u32 = load<u8>(at);
  if (isWhiteSpace(first) || first == 0) return true;
  const range = ranges + ((<usize>first) << 1);
  const end: u32 = load<u8>(range + 1);
  for (let trigger: u32 = load<u8>(range); trigger < end; trigger++) {
    const place = triggers + <usize>trigger * placeBytes;
    const length = <usize>load<u32>(place + 4);
    if (to - at >= length && isSame(<usize>load<u32>(place), at, length)) return true;
  }
  return false;
}
