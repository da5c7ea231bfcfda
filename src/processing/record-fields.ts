import { splitMembers } from '../types/json-members.js';
import type { LogRecord, Member } from '../types/record.js';

/** The JSON text of a record's own field at a dotted path: a member of that name, or one within an object; undefined when there is none. Never throws. */
export function memberAt(members: readonly Member[], path: string): string | undefined {
  for (const { key, json } of members) {
    if (key === path) return json;
    if (!path.startsWith(key) || path[key.length] !== '.' || json.charCodeAt(0) !== openBrace) continue;
    const inner = memberAt(splitMembers(json) ?? [], path.slice(key.length + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** What a record says at a path; undefined when it has no such field. Objects and lists are their JSON text in an array. */
export type FieldValue = string | number | boolean | null | readonly [string] | undefined;

/** Reads a field, the same for each record of a lane. */
export type ReadField = (record: LogRecord) => FieldValue;

/**
 * How the field `path` is read: what the record itself has (level, message, time in ms, logger, path), else a member of the line, else what the
 * agent adds to every record.
 */
export function fieldReader(path: string, statics: Readonly<Record<string, unknown>>): ReadField {
  const own = Object.hasOwn(ownFields, path) ? ownFields[path] : undefined;
  if (own !== undefined) return own;
  const fixed = staticAt(statics, path.split('.'));
  const fallback = Object.hasOwn(fallbacks, path) ? fallbacks[path] : undefined;
  return (record) => {
    const json = memberAt(record.members, path);
    return json === undefined ? (fallback?.(record) ?? fixed) : valueOf(json);
  };
}

const message: ReadField = ({ message, text, from, to }) =>
  message === undefined ? text.toString('utf8', from, to) : (message ?? undefined);
const filePath: ReadField = ({ file }) => file.path;
const logger: ReadField = (record) => record.logger;
const level: ReadField = (record) => record.level;
const time: ReadField = ({ timeMs }) => (Number.isNaN(timeMs) ? undefined : timeMs);

const ownFields: Readonly<Record<string, ReadField | undefined>> = {
  level,
  'log.level': level,
  message,
  time,
  '@timestamp': time,
  'log.file.path': filePath,
  'log.offset': ({ start }) => start,
  line: ({ text, from, to }) => text.toString('utf8', from, to),
  'error.message': ({ errorMessage }) => errorMessage,
};
/** What the record has where the line has no field of that name. */
const fallbacks: Readonly<Record<string, ReadField | undefined>> = { path: filePath, logger, 'log.logger': logger };

function valueOf(json: string): FieldValue {
  const first = json.charCodeAt(0);
  if (first === openBrace || first === openBracket) return [json];
  try {
    const value: unknown = JSON.parse(json);
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value;
  } catch {
    // What a format made of a line is valid; if it should not be, it is text.
  }
  return json;
}

function staticAt(tree: Readonly<Record<string, unknown>>, path: readonly string[]): FieldValue {
  let value: unknown = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

const openBrace = 0x7b;
const openBracket = 0x5b;
