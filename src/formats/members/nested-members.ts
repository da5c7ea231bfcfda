import type { Member } from '../../types/record.js';
import type { Parsed } from './mapping.js';
import { jsonAt, objectMembers, stringValue, withObject } from './json-values.js';
import { levelOfValue } from './level-values.js';
import { otelEnvelope } from './otel-envelope.js';
import { readSecondsAndNanos, readTimeValue } from './time-values.js';
import { hasId, idOf } from './trace-ids.js';
import type { Zone } from '../times/zone.js';

/**
 * Conventions by which a time, level or message is not a member of the line itself. Each fills only what is not there yet; what is used is moved, its
 * siblings stay.
 */
export function readNested(parsed: Parsed, zone: Zone): void {
  readInner(parsed, 'fields', { message: ['message'] }, zone); // Rust's tracing
  readInner(parsed, 'record', { message: ['message'], level: ['level'], time: ['time'] }, zone); // loguru
  readInner(parsed, 'jsonPayload', { message: ['message', 'msg'], level: ['level', 'severity'], time: ['time'] }, zone);
  readBody(parsed);
  readPartedTime(parsed, zone);
  otelEnvelope(parsed, zone);
}

interface InnerNames {
  readonly time?: readonly string[];
  readonly level?: readonly string[];
  readonly message?: readonly string[];
}

/** Moves what is missing out of the object `root`; its other members stay there. */
function readInner(parsed: Parsed, root: string, names: InnerNames, zone: Zone): void {
  const inner = objectMembers(jsonAt(parsed.members, root));
  if (inner === undefined) return;
  const used = new Set<Member>();
  for (const member of inner) {
    const { key, json } = member;
    if (names.message?.includes(key) === true && parsed.message === null) {
      parsed.message = stringValue(json) ?? null;
      if (parsed.message !== null) used.add(member);
    }
    if (names.level?.includes(key) === true && parsed.level === undefined) {
      parsed.level = levelOfValue(key, json, inner);
      if (parsed.level !== undefined) used.add(member);
    }
    if (names.time?.includes(key) === true && Number.isNaN(parsed.timeMs)) {
      if (readTimeValue(json, zone, parsed) === 'time') used.add(member);
    }
  }
  if (used.size === 0) return;
  parsed.members = withObject(
    parsed.members,
    root,
    inner.filter((member) => !used.has(member)),
  );
}

/** OpenTelemetry: `"body":{"stringValue":"…"}`; its Go exporter writes `"Body":{"Type":"String","Value":"…"}`. */
function readBody(parsed: Parsed): void {
  if (parsed.message !== null) return;
  for (const [root, name, most] of bodies) {
    const inner = objectMembers(jsonAt(parsed.members, root));
    const text = inner === undefined || inner.length > most ? undefined : stringValue(jsonAt(inner, name));
    if (text === undefined) continue;
    parsed.message = text;
    parsed.members = withObject(parsed.members, root, []);
    return;
  }
}
const bodies = [
  ['body', 'stringValue', 1],
  ['Body', 'Value', 2],
] as const;

/** Google Cloud: `"timestampSeconds":1795166102,"timestampNanos":123000000`. */
function readPartedTime(parsed: Parsed, zone: Zone): void {
  if (!Number.isNaN(parsed.timeMs)) return;
  const parts = ['timestampSeconds', 'timestampNanos'];
  const [seconds = '', nanos = ''] = parts.map((key) => jsonAt(parsed.members, key));
  if (readSecondsAndNanos(seconds, nanos || '0', zone, parsed) !== 'time') return;
  parsed.members = parsed.members.filter(({ key }) => !parts.includes(key));
}

/** Contexts of loggers that hold ids: Java's MDC, as log4j and Quarkus write it, and Datadog's object. */
export function readContextIds(parsed: Parsed): void {
  for (const root of ['mdc', 'MDC', 'contextMap', 'dd']) {
    const inner = objectMembers(jsonAt(parsed.members, root));
    if (inner === undefined) continue;
    const found: Member[] = [];
    const rest = inner.filter(({ key, json }) => {
      const kind = /^(trace|span)(?:_?id)$/i.exec(key)?.[1]?.toLowerCase();
      const id = kind === undefined ? undefined : idOf(`${root}.${key}`, json);
      if (id === undefined || (kind !== 'trace' && kind !== 'span')) return true;
      if (hasId(parsed.members, kind) || hasId(found, kind)) return true;
      found.push({ key: `${kind}.id`, json: id });
      return false;
    });
    if (found.length === 0) continue;
    parsed.members = [...withObject(parsed.members, root, rest), ...found];
  }
}
