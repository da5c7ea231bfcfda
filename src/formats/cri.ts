import type { LogRecord } from '../types/record.js';
import type { TimeFields } from './times/civil-time.js';
import type { Format } from './format.js';
import { hasAscii, isContinuation } from './line-bytes.js';
import type { Stream } from './groups/part-groups.js';
import { readTime } from './times/timestamps.js';
import type { Zone } from './times/zone.js';

/**
 * What containerd and CRI-O write: `<RFC 3339 time> <stdout|stderr> <tags> <payload>`, one blank between each. The first tag is `P` for a part of
 * a line and `F` for its end or a full line; others may follow after colons. Source: the Kubernetes design "CRI: Log Management for
 * Container Stdout/Stderr Streams". The form is so narrow that a line which has it needs no other evidence.
 */
export const cri: Format = {
  name: 'cri',
  continues: false,
  read(record, _evidence, { zone, groups }) {
    const header = isContinuation(record) ? undefined : readHeader(record, zone);
    if (header === undefined) return undefined;
    const { stream, time, isPartial } = header;
    const members = [{ key: 'stream', json: `"${stream}"` }];
    const wrapping = { stream, ...time, isPartial, members, errorMessage: undefined };
    return groups.add(record, wrapping, record.text, header.payload, record.to);
  },
  refusal: () => 'the line is not a CRI log line',
};

interface Header {
  readonly time: TimeFields;
  readonly stream: Stream;
  readonly isPartial: boolean;
  /** Place of the payload's first byte. */
  readonly payload: number;
}

/** `2026-11-20T09:15:02Z` to nine digits and an offset with minutes. */
const shortestTime = 20;
const longestTime = 35;
const longestTag = 64;
const streams = ['stdout', 'stderr'] as const;

function readHeader(record: LogRecord, zone: Zone): Header | undefined {
  // Four bytes tell nearly every other line apart, before a string is made.
  if (record.text[record.from + 4] !== 0x2d || record.text[record.from + 10] !== 0x54) return undefined;
  const timeEnd = tokenEnd(record, record.from, longestTime);
  if (timeEnd - record.from < shortestTime || timeEnd === record.to) return undefined;
  const stream = streams.find((name) => hasAscii(record, timeEnd + 1, `${name} `));
  if (stream === undefined) return undefined;
  const tag = timeEnd + 1 + stream.length + 1;
  const tagEnd = tokenEnd(record, tag, longestTag);
  const first = record.text[tag];
  if (tagEnd === tag || (first !== 0x50 && first !== 0x46)) return undefined;
  if (tagEnd > tag + 1 && record.text[tag + 1] !== 0x3a) return undefined;
  const time = { timeMs: Number.NaN, timeText: '' };
  // With a time that is none or impossible the header is not taken off, so that nothing of the line is lost.
  if (readTime(record.text.toString('latin1', record.from, timeEnd), zone, time) !== 'time') return undefined;
  return { time, stream, isPartial: first === 0x50, payload: Math.min(tagEnd + 1, record.to) };
}

/** Place of the blank that ends the token at `from`, or of the line's end; `from` when the token is longer than `longest`. */
function tokenEnd(record: LogRecord, from: number, longest: number): number {
  const limit = Math.min(record.to, from + longest + 1);
  for (let at = from; at < limit; at++) if (record.text[at] === 0x20) return at;
  return limit === record.to ? limit : from;
}
