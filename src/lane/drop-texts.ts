import type { DropReason } from '../files/reader.js';

/** What is said of bytes that were lost, and what to do so that no more are. */
export const dropTexts: Record<DropReason, string> = {
  truncated:
    'bytes were truncated away before they were read; rotate by rename (create) instead of copytruncate to lose nothing',
  gone: 'a file with unshipped bytes stayed away for PANNIER_FORGET_AFTER and is given up',
  hold_bytes: 'a deleted file was given up: held files pass PANNIER_HOLD_MAX_BYTES while this output is behind',
  hold_age: 'a deleted file was given up: it was held for PANNIER_HOLD_MAX_AGE while this output is behind',
  volume: 'a deleted file was given up: the volume is at 80 % of PANNIER_VOLUME_LIMIT while this output is behind',
};
