import type { Level, LogRecord, Member } from '../types/record.js';
import type { TimeFields } from './civil-time.js';
import { member, textOf } from './text-head.js';

/** Places in a head where a field begins and ends; equal when there is none. Two numbers each, from these places on. */
export const pid = 0;
export const thread = 2;
export const logger = 4;
export const originFile = 6;
export const originLine = 8;
export const originFunction = 10;
/** A time of day whose date is not written. */
export const clock = 12;
export const application = 14;
export const traceId = 16;
export const spanId = 18;
/** What stands in braces (ClickHouse's query). */
export const context = 20;
export const spanCount = 22;

/** What was found of a header. One for all lines: reset for each. */
export interface HeaderFields extends TimeFields {
  hasTime: boolean;
  isImpossible: boolean;
  level: Level | undefined;
  readonly spans: Int32Array;
}

export const newHeaderFields = (): HeaderFields => ({
  timeMs: Number.NaN,
  timeText: '',
  hasTime: false,
  isImpossible: false,
  level: undefined,
  spans: new Int32Array(spanCount),
});

export function resetFields(fields: HeaderFields): void {
  fields.timeMs = Number.NaN;
  fields.timeText = '';
  fields.hasTime = false;
  fields.isImpossible = false;
  fields.level = undefined;
  fields.spans.fill(0);
}

export const has = ({ spans }: HeaderFields, field: number): boolean => spans[field] !== spans[field + 1];

/** Sets a field unless it is set; false when it was. */
export function take(fields: HeaderFields, field: number, from: number, to: number): boolean {
  if (has(fields, field) || from === to) return false;
  fields.spans[field] = from;
  fields.spans[field + 1] = to;
  return true;
}

const noMembers: readonly Member[] = [];
const memberKeys = [
  [thread, 'process.thread.name'],
  [originFile, 'log.origin.file.name'],
  [originFunction, 'log.origin.function'],
  [clock, 'time_of_day'],
  [application, 'spring.application.name'],
  [traceId, 'trace.id'],
  [spanId, 'span.id'],
  [context, 'labels.context'],
] as const;
const numberKeys = [
  [pid, 'process.pid'],
  [originLine, 'log.origin.file.line'],
] as const;

/** Writes what was found into `record`, all but the message. */
export function fillRecord(record: LogRecord, head: string, fields: HeaderFields): void {
  const { spans } = fields;
  record.timeMs = fields.timeMs;
  record.timeText = fields.timeText;
  record.level = fields.level;
  record.logger = has(fields, logger) ? textOf(record, head, spans[logger]!, spans[logger + 1]!) : undefined;
  record.errorMessage = fields.isImpossible ? 'the time is impossible' : undefined;
  let members: Member[] | undefined;
  for (const [field, key] of numberKeys) {
    if (!has(fields, field)) continue;
    (members ??= []).push({ key, json: numberJson(head.slice(spans[field], spans[field + 1])) });
  }
  for (const [field, key] of memberKeys) {
    if (has(fields, field)) (members ??= []).push(member(key, textOf(record, head, spans[field]!, spans[field + 1]!)));
  }
  record.members = members ?? noMembers;
}

/** Digits as a number, as long as they are one in JSON and nothing of them is lost. */
const numberJson = (digits: string): string => (/^(?:0|[1-9]\d{0,14})$/.test(digits) ? digits : `"${digits}"`);
