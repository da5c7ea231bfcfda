import type { Member } from '../../types/record.js';
import { scalarText, stringValue } from './json-values.js';
import { jsonString } from '../../types/json-string.js';

/**
 * The members with `trace` and `span`, whose values are ids, under the ECS names `trace.id` and `span.id`, at their places. In a line that has such a
 * name itself, or an object there, they stay what they are.
 */
export function withIds(
  members: readonly Member[],
  trace: Member | undefined,
  span: Member | undefined,
): readonly Member[] {
  const traceId = trace !== undefined && hasId(members, 'trace') ? undefined : trace;
  const spanId = span !== undefined && hasId(members, 'span') ? undefined : span;
  return members.map((member) => {
    if (member === traceId) return { key: 'trace.id', json: idOf(member.key, member.json) ?? member.json };
    return member === spanId ? { key: 'span.id', json: idOf(member.key, member.json) ?? member.json } : member;
  });
}

export const hasId = (members: readonly Member[], root: 'trace' | 'span'): boolean =>
  members.some(({ key }) => key === root || key === `${root}.id`);

/** Datadog writes ids as decimal numbers; alone these would be any number. */
const decimalKeys = /^dd\./;
/** Google Cloud names a trace by its path: `projects/<project>/traces/<id>`. */
const tracePath = /^projects\/[^/]{1,100}\/traces\/([0-9a-fA-F]+)$/;
/** W3C Trace Context and B3: 16 or 32 hexadecimal digits; or a UUID. */
const idForm = /^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$/;
const longestPath = 200;

/** The id that a member's value is, as JSON; undefined when it is none, also when it is all zeros, which says that there is no trace. */
export function idOf(key: string, json: string): string | undefined {
  if (json.length > longestPath) return undefined;
  if (decimalKeys.test(key)) {
    const digits = scalarText(json) ?? '';
    if (/^[1-9]\d{0,19}$/.test(digits)) return jsonString(digits);
  }
  const text = stringValue(json);
  if (text === undefined) return undefined;
  const id = key.startsWith('logging.') ? (tracePath.exec(text)?.[1] ?? text) : text;
  if (!idForm.test(id) || /^[0-]+$/.test(id)) return undefined;
  return id === text ? json : jsonString(id);
}
