import { splitMembers } from '../types/json-members.js';
import { jsonString } from '../types/json-string.js';
import type { LogRecord, Member } from '../types/record.js';

/** Takes a field out of the members: what is left, and its value as JSON text. Undefined when there is no such field. Never throws. */
function takeField(members: readonly Member[], path: string): { rest: readonly Member[]; json: string } | undefined {
  for (const [place, { key, json }] of members.entries()) {
    if (key === path) return { rest: members.toSpliced(place, 1), json };
    if (!path.startsWith(key) || path[key.length] !== '.' || json.charCodeAt(0) !== openBrace) continue;
    const inner = takeField(splitMembers(json) ?? [], path.slice(key.length + 1));
    if (inner === undefined) continue;
    // An object of which nothing is left goes too.
    const left = inner.rest.length === 0 ? [] : [{ key, json: objectOf(inner.rest) }];
    return { rest: members.toSpliced(place, 1, ...left), json: inner.json };
  }
  return undefined;
}

const objectOf = (members: readonly Member[]): string =>
  `{${members.map(({ key, json }) => `${jsonString(key)}:${json}`).join()}}`;

/** PANNIER_DROP_FIELDS: removes the fields at these paths, level and logger among them. */
export function dropFields(record: LogRecord, paths: readonly string[]): void {
  for (const path of paths) {
    if (path === 'log.level' || path === 'level') record.level = undefined;
    if (path === 'log.logger' || path === 'log') record.logger = undefined;
    if (path === 'log') record.level = undefined;
    for (let taken = takeField(record.members, path); taken !== undefined; taken = takeField(record.members, path))
      record.members = taken.rest;
  }
}

/** PANNIER_RENAME_FIELDS: new paths by old ones. A field stays where it is when there is one at the new path. */
export function renameFields(record: LogRecord, names: readonly (readonly [string, string])[]): void {
  for (const [from, to] of names) {
    const taken = takeField(record.members, from);
    if (taken === undefined || takeField(taken.rest, to) !== undefined) continue;
    record.members = [...taken.rest, { key: to, json: taken.json }];
  }
}

/** The agent's own members without those that are to be dropped. */
export function withoutFields(
  statics: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Readonly<Record<string, unknown>> {
  const members = Object.entries(statics).map(([key, value]): Member => ({ key, json: JSON.stringify(value) }));
  const record = { members: members as readonly Member[], level: undefined, logger: undefined };
  let left = record.members;
  for (const path of paths) left = takeField(left, path)?.rest ?? left;
  const kept = new Map(left.map(({ key, json }) => [key, JSON.parse(json) as unknown]));
  return Object.fromEntries(kept);
}

const openBrace = 0x7b;
