import { splitMembers } from '../types/json-members.js';
import type { Level, LogRecord, MappedKey, Member } from '../types/record.js';
import type { TimeFields, TimeReading } from './civil-time.js';
import { levelOf } from './levels.js';
import { readTime } from './timestamps.js';
import type { Zone } from './zone.js';

/** Names of members that become `@timestamp`, `log.level` and `message` (design, section 3): the first that can be used is the one. */
const timeKeys = ['@timestamp', 'timestamp', 'time', 'ts'];
const levelKeys = ['level', 'severity', 'lvl', 'log.level'];
export const messageKeys: readonly string[] = ['message', 'msg'];

/** The names for the byte path: what a member of each may become. Of those for one thing the first that is there is taken. */
export const mappedKeys: readonly MappedKey[] = [
  ...timeKeys.map((key, rank) => ({ key, becomes: 'time' as const, rank })),
  ...levelKeys.map((key, rank) => ({ key, becomes: 'level' as const, rank })),
  ...messageKeys.map((key, rank) => ({ key, becomes: 'message' as const, rank })),
];

/** What a parser fills of a record. */
export type Parsed = Pick<
  LogRecord,
  'timeMs' | 'timeText' | 'level' | 'logger' | 'message' | 'members' | 'errorMessage'
>;

/**
 * Reads the members of a line: time, level and message are moved out of them, the rest stay members, in order. What can't be used stays a
 * member: an unknown level, a text that is no time, a message that is no string. A time that is impossible stays one too, and `errorMessage`
 * says so. Without a message member `message` is null.
 */
export function mapMembers(members: Member[], zone: Zone): Parsed {
  const used = new Set<Member>();
  const parsed: Parsed = {
    timeMs: Number.NaN,
    timeText: '',
    level: undefined,
    logger: undefined,
    message: null,
    members,
    errorMessage: undefined,
  };
  for (const member of candidates(members, timeKeys)) {
    const reading = readTimeValue(member.json, zone, parsed);
    if (reading === 'impossible') parsed.errorMessage ??= `the time in "${member.key}" is impossible`;
    if (reading !== 'time') continue;
    used.add(member);
    break;
  }
  for (const member of candidates(members, messageKeys)) {
    const message = stringValue(member.json);
    if (message === undefined) continue;
    parsed.message = message;
    used.add(member);
    break;
  }
  for (const member of candidates(members, levelKeys)) {
    parsed.level = levelOfValue(member.json);
    if (parsed.level === undefined) continue;
    used.add(member);
    break;
  }
  if (used.size > 0) parsed.members = members.filter((member) => !used.has(member));
  if (parsed.level === undefined) moveNestedLevel(parsed);
  return parsed;
}

/** The members of these names, in the order of the names. */
function* candidates(members: readonly Member[], keys: readonly string[]): Generator<Member> {
  for (const key of keys) {
    const member = members.find((candidate) => candidate.key === key);
    if (member !== undefined) yield member;
  }
}

/** The string that the JSON text is; undefined when it is another value. */
export function stringValue(json: string): string | undefined {
  if (json.charCodeAt(0) !== quote) return undefined;
  if (!json.includes('\\')) return json.slice(1, -1);
  const decoded: unknown = JSON.parse(json);
  return typeof decoded === 'string' ? decoded : undefined;
}

function readTimeValue(json: string, zone: Zone, into: TimeFields): TimeReading {
  const first = json.charCodeAt(0);
  if (first === openBrace) return readSecondsAndNanos(json, zone, into);
  return readTime(first === quote ? (stringValue(json) ?? '') : json, zone, into);
}

/** Google Cloud's structured form: `{"seconds":1772442903,"nanos":500000000}`. */
function readSecondsAndNanos(json: string, zone: Zone, into: TimeFields): TimeReading {
  const members = json.length > 96 ? undefined : splitMembers(json);
  const part = (key: string): string => members?.find((member) => member.key === key)?.json ?? '';
  const [seconds, nanos] = [part('seconds'), part('nanos')];
  if (members?.length !== 2 || !/^\d{9,10}$/.test(seconds) || !/^\d{1,9}$/.test(nanos)) return 'none';
  return readTime(`${seconds}.${nanos.padStart(9, '0')}`, zone, into);
}

/** The level of a string or a number; another value is none. */
function levelOfValue(json: string): Level | undefined {
  if (json.charCodeAt(0) === quote) return levelOf(stringValue(json) ?? '');
  return json.charCodeAt(0) === openBracket ? undefined : levelOf(json);
}

/** ECS as nested objects, `"log":{"level":"error","logger":"x"}`: the level is moved, its siblings stay where they are. */
function moveNestedLevel(parsed: Parsed): void {
  const place = parsed.members.findIndex(({ key, json }) => key === 'log' && json.charCodeAt(0) === openBrace);
  const inner = splitMembers(parsed.members[place]?.json ?? '');
  const member = inner?.find(({ key }) => key === 'level');
  if (inner === undefined || member === undefined) return;
  parsed.level = levelOfValue(member.json);
  if (parsed.level === undefined) return;
  const siblings = inner.filter((other) => other !== member);
  const json = `{${siblings.map(({ key, json }) => `${JSON.stringify(key)}:${json}`).join()}}`;
  parsed.members = parsed.members.toSpliced(place, 1, ...(siblings.length === 0 ? [] : [{ key: 'log', json }]));
}

const quote = 0x22;
const openBracket = 0x5b;
const openBrace = 0x7b;
