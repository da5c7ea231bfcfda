import { jsonString } from '../../types/json-string.js';
import type { Level, LogRecord, Member } from '../../types/record.js';
import type { TimeFields } from '../times/civil-time.js';
import { jsonOf } from '../members/field-members.js';
import { textOf } from './text-head.js';

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
  for (let at = 0; at < spanCount; at++) fields.spans[at] = 0;
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
const memberKeys: readonly string[] = [
  'process.pid',
  'process.thread.name',
  '',
  'log.origin.file.name',
  'log.origin.file.line',
  'log.origin.function',
  'time_of_day',
  'spring.application.name',
  'trace.id',
  'span.id',
  'labels.context',
];

/** Writes what was found into `record`, all but the message. */
export function fillRecord(record: LogRecord, head: string, fields: HeaderFields): void {
  const { spans } = fields;
  record.timeMs = fields.timeMs;
  record.timeText = fields.timeText;
  record.level = fields.level;
  record.logger = has(fields, logger) ? textOf(record, head, spans[logger]!, spans[logger + 1]!) : undefined;
  record.errorMessage = fields.isImpossible ? 'the time is impossible' : undefined;
  record.members = membersOf(record, head, spans);
}

/** In the order of the fields; none makes no array. */
function membersOf(record: LogRecord, head: string, spans: Int32Array): readonly Member[] {
  let members: Member[] | undefined;
  for (let field = 0; field < spanCount; field += 2) {
    const from = spans[field]!;
    const to = spans[field + 1]!;
    if (from === to || field === logger) continue;
    const isNumber = field === pid || field === originLine;
    const json = isNumber ? numberJson(head.slice(from, to)) : textJson(record, head, from, to);
    (members ??= []).push({ key: memberKeys[field >> 1]!, json });
  }
  return members ?? noMembers;
}

/** Most names are plain ASCII, and JSON as they are. */
function textJson(record: LogRecord, head: string, from: number, to: number): string {
  for (let at = from; at < to; at++) if (head.charCodeAt(at) >= 0x80) return jsonString(textOf(record, head, from, to));
  return jsonOf(head, from, to);
}

/** Digits as a number, as long as they are one in JSON and nothing of them is lost. */
const numberJson = (digits: string): string => (/^(?:0|[1-9]\d{0,14})$/.test(digits) ? digits : `"${digits}"`);
