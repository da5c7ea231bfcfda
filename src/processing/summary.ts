import { jsonString } from '../types/json-string.js';
import { clearParsed, type LogRecord } from '../types/record.js';
import type { HeldBack } from './held-back.js';

/**
 * Fills `record` with the summary of what was held back: a record of no bytes at the place of the first of them, so that its id is like no other and
 * the ledger stays right. Its time is that of the last one.
 */
export function writeSummary(
  { reason, file, start, about, firstMs, lastMs, count }: HeldBack,
  record: LogRecord,
): void {
  clearParsed(record);
  record.file = file;
  record.start = start;
  record.end = start;
  record.part = undefined;
  record.timeMs = lastMs;
  record.level = reason === 'throttle' ? 'warn' : 'info';
  const seconds = Math.max(0, Math.ceil((lastMs - firstMs) / 1000));
  const message =
    reason === 'throttle'
      ? `throttled: ${count} ${count === 1 ? 'record' : 'records'} of ${about} in ${seconds} s`
      : `repeated ${count} ${count === 1 ? 'time' : 'times'}: ${about}`;
  const text = Buffer.from(message);
  record.text = text;
  record.from = 0;
  record.to = text.length;
  const action = reason === 'throttle' ? 'throttled' : 'repeated';
  record.members = [
    {
      key: 'event',
      json: `{"action":"${action}","count":${count},"start":${timeOf(firstMs)},"end":${timeOf(lastMs)}}`,
    },
    ...(reason === 'throttle' ? [{ key: 'throttle_key', json: jsonString(about) }] : []),
  ];
}

/** No time of a record is beyond what a date can be, but a date must not throw. */
const timeOf = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? `"${new Date(ms).toISOString()}"` : 'null');
