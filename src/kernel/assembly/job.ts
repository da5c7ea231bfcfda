/**
 * What one call of the kernel works on: a block of numbers at a fixed place, filled by `src/kernel/kernel.ts`, which names the same places.
 * Addresses and counts are 32 bits wide; offsets in files, times and weights are doubles.
 */
const words: usize = memory.data(256, 8);
const doubles: usize = words + 128;

export function jobAddress(): usize {
  return words;
}

// Read area: lines begin at `at`; `to` is one past the last byte read.
export const atWord: usize = words;
export const toWord: usize = words + 4;
// Slot: where the next item begins, and one past the last byte that an item may take.
export const outWord: usize = words + 8;
export const outEndWord: usize = words + 12;
// Items in the slot, the most it may hold, and the columns of its table.
export const countWord: usize = words + 16;
export const maxCountWord: usize = words + 20;
export const slotWord: usize = words + 24;
export const offsetsWord: usize = words + 28;
export const weightsWord: usize = words + 32;
export const timesWord: usize = words + 36;
export const startsWord: usize = words + 40;
export const endsWord: usize = words + 44;
// Plan.
export const maxLineWord: usize = words + 48;
export const opsWord: usize = words + 52;
export const opCountWord: usize = words + 56;
/** Most bytes that an item takes beside its text. */
export const fixedBytesWord: usize = words + 60;
export const wrapperWord: usize = words + 64;
export const contentWord: usize = words + 68;
/** 1: times without a zone are UTC; 0: they are not for the kernel. */
export const zonelessWord: usize = words + 72;
export const scratchWord: usize = words + 76;
export const scratchBytesWord: usize = words + 80;
/** 1: an item weighs its line's text and `lineWeight`; 0: its own bytes. */
export const weighsLineWord: usize = words + 84;
// Results.
export const blanksWord: usize = words + 88;
/** Of the blank lines those that are blank in their wrapper. */
export const wrappedBlanksWord: usize = words + 96;
/** 1: lines may belong together; 0: each is a record. */
export const joinsWord: usize = words + 100;

/** Offset in the file of address 0. */
export const baseDouble: usize = doubles;
/** ms since the epoch of the last record that had a time; NaN before. */
export const lastTimeDouble: usize = doubles + 8;
/** What a record without a time takes while there is none, ms since the epoch. */
export const fallbackTimeDouble: usize = doubles + 16;
export const weightSumDouble: usize = doubles + 24;
export const maxWeightDouble: usize = doubles + 32;
export const maxWeightSumDouble: usize = doubles + 40;
export const lineWeightDouble: usize = doubles + 48;
export const oldestDouble: usize = doubles + 56;
export const newestDouble: usize = doubles + 64;
export const maxSpanDouble: usize = doubles + 72;
/** Times for which the literals of the plan hold: [from, to). */
export const fromTimeDouble: usize = doubles + 80;
export const toTimeDouble: usize = doubles + 88;
