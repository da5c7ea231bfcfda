import { jsonAt, objectMembers, stringValue } from './json-values.js';
import { levelOfValue } from './level-values.js';
import type { Parsed } from './mapping.js';
import { readTimeValue } from './time-values.js';
import type { Zone } from '../times/zone.js';

/**
 * A line of OpenTelemetry's file exporter is an envelope of many records, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[…]}]}]}`. It stays one record
 * of ours, whole, so that its id stays that of the line; time, level and message are copies of those of the first record in it.
 */
export function otelEnvelope(parsed: Parsed, zone: Zone): void {
  const envelope = jsonAt(parsed.members, 'resourceLogs') || jsonAt(parsed.members, 'resource_logs');
  if (envelope === '') return;
  const scopes = within(envelope, 'scopeLogs') ?? within(envelope, 'scope_logs');
  const records = within(scopes, 'logRecords') ?? within(scopes, 'log_records');
  const record = objectMembers(firstElement(records) ?? '');
  if (record === undefined) return;
  for (const key of ['timeUnixNano', 'time_unix_nano', 'observedTimeUnixNano', 'observed_time_unix_nano']) {
    if (Number.isNaN(parsed.timeMs)) readTimeValue(jsonAt(record, key) || '""', zone, parsed);
  }
  for (const key of ['severityText', 'severity_text', 'severityNumber', 'severity_number']) {
    parsed.level ??= levelOfValue(key, jsonAt(record, key) || '""', record);
  }
  const body = objectMembers(jsonAt(record, 'body'));
  parsed.message ??= stringValue(jsonAt(body, 'stringValue') || jsonAt(body, 'string_value')) ?? null;
}

/** The value of `key` in the first element of an array of objects. */
function within(array: string | undefined, key: string): string | undefined {
  return jsonAt(objectMembers(firstElement(array) ?? ''), key) || undefined;
}

/** The first element of a JSON array, without the blanks around it; undefined for another value and an empty array. */
function firstElement(array: string | undefined): string | undefined {
  if (array?.charCodeAt(0) !== 0x5b) return undefined;
  // As the only value of an object it is found by the scanner that is there.
  const inner = array.slice(1, -1);
  return objectMembers(`{"a":${inner.slice(0, endOfFirst(inner))}}`)?.[0]?.json;
}

/** Where the first of the values ends, which are valid JSON with commas between them. */
function endOfFirst(values: string): number {
  let depth = 0;
  for (let at = 0; at < values.length; at++) {
    const code = values.charCodeAt(at);
    if (code === 0x22) at = stringEnd(values, at);
    else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c && depth === 0) return at;
  }
  return values.length;
}

/** Place of the quote that closes the string which opens at `from`. */
function stringEnd(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json.charCodeAt(at) !== 0x22) at += json.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}
