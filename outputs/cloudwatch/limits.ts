/**
 * What PutLogEvents takes, once for the output. Source: API reference of Amazon CloudWatch Logs, PutLogEvents (as of SDK 3.1169); sizes in bytes,
 * times in ms. The strict server of the tests has its own copy, so that a slip here shows.
 */
export const batchBytes = 1_048_576;
export const batchRecords = 10_000;
/** Counted for each event on top of its message's UTF-8 bytes. */
export const eventOverhead = 26;
/**
 * Largest event, overhead included: 1 MB since April 2025 (256 KB before). So a message has at most 1,048,550 bytes, which is also what the
 * largest batch leaves for one.
 */
export const eventBytes = 1_048_576;
export const spanMs = 24 * 3_600_000;
export const oldestAgeMs = 14 * 24 * 3_600_000;
export const furthestAheadMs = 2 * 3_600_000;
