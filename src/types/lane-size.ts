/** Requests that an output may have in flight, unless its setting CONCURRENCY says otherwise. */
export const mostRequests = 2;
/** Records in one batch, for outputs that set no limit of their own; bounds the table of a slot. */
export const mostRecords = 16_384;
/** Room for the largest record beyond a line's own bytes: escapes, id, time, static members. */
const recordSlack = 64 * 1024;
/** Bytes of one file in one turn (design, section 5). */
export const turnBytes = 256 * 1024;
/** Bytes of the table for each record: two offsets, place, weight, time, part, outcome, turn and file. */
const tableBytes = 64;
/** The kernel's tables and plans. */
const kernelBytes = 256 * 1024;

/** Bytes of a slot: a full batch, or one record of the longest line when it is escaped to twice its length. */
export function slotSize(batchBytes: number, recordBytes: number, maxLineBytes: number): number {
  return Math.max(batchBytes, Math.min(2 * maxLineBytes, recordBytes)) + recordSlack;
}

/**
 * The most memory that a lane can take, in bytes, whatever it reads: a slot for each of `requests` in flight, one to fill and one for plain forms, each with
 * its table; the read area and the longest line once more to unpack it; and the kernel.
 */
export function laneSize(batchBytes: number, maxLineBytes: number, requests: number = mostRequests): number {
  const slot = slotSize(batchBytes, batchBytes, maxLineBytes) + tableBytes * mostRecords;
  return (requests + 2) * slot + 2 * Math.max(turnBytes, maxLineBytes) + kernelBytes;
}
