import type { Encoding } from './encoding.js';

/** Grows to the longest line met, which the line limit bounds, and is used again: a lane handles one line at a time. */
let scratch = Buffer.allocUnsafeSlow(4096);

/**
 * UTF-16 as UTF-8: each lone surrogate becomes U+FFFD, as `TextDecoder` has it, and so does half a code unit at the end. A byte-order mark is a character like any
 * other here. The result is valid until the next call.
 */
export function toUtf8(bytes: Buffer, from: number, to: number, encoding: Exclude<Encoding, 'utf-8'>): Buffer {
  // 3 bytes for each unit of 2: a pair of units needs only 4.
  const most = Math.ceil((to - from) / 2) * 3;
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(Math.max(most, scratch.length * 2));
  const target = scratch;
  const low = encoding === 'utf-16le' ? 0 : 1;
  const high = 1 - low;
  let at = 0;
  for (let i = from; i < to; i += 2) {
    let code = i + 1 < to ? bytes[i + low]! | (bytes[i + high]! << 8) : replacement;
    if (code < 0x80) {
      target[at++] = code;
      continue;
    }
    if ((code & 0xf800) === 0xd800) {
      const next = code < 0xdc00 && i + 3 < to ? bytes[i + 2 + low]! | (bytes[i + 2 + high]! << 8) : 0;
      if ((next & 0xfc00) === 0xdc00) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (next & 0x3ff);
        i += 2;
      } else code = replacement;
    }
    if (code < 0x800) target[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) target[at++] = 0xe0 | (code >> 12);
      else {
        target[at++] = 0xf0 | (code >> 18);
        target[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      target[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    target[at++] = 0x80 | (code & 0x3f);
  }
  return target.subarray(0, at);
}

const replacement = 0xfffd;
