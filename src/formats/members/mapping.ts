import type { LogRecord, Member } from '../../types/record.js';
import { jsonAt, objectMembers, stringValue, withObject } from './json-values.js';
import { levelOfValue } from './level-values.js';
import { meanings, type Meaning } from './member-names.js';
import { readContextIds, readNested } from './nested-members.js';
import { readTimeValue } from './time-values.js';
import { readTime } from '../times/timestamps.js';
import { idOf, withIds } from './trace-ids.js';
import type { Zone } from '../times/zone.js';

export { mappedKeys } from './member-names.js';
export { stringValue } from './json-values.js';

/** What a parser fills of a record. */
export type Parsed = Pick<
  LogRecord,
  'timeMs' | 'timeText' | 'level' | 'logger' | 'message' | 'members' | 'errorMessage'
>;

/**
 * Reads the members of a line: time, level and message are moved out of them, the rest stay members, in order; ids of traces get their ECS names.
 * What can't be used stays a member: an unknown level, a text that is no time, a message that is no string. A time that is impossible stays one
 * too, and `errorMessage` says so. Without a message member `message` is null.
 */
export function mapMembers(members: readonly Member[], zone: Zone): Parsed {
  const parsed: Parsed = {
    timeMs: Number.NaN,
    timeText: '',
    level: undefined,
    logger: undefined,
    message: null,
    members,
    errorMessage: undefined,
  };
  const named = namedOf(members);
  const isAsked = named.some(({ meaning }) => meaning.asked !== undefined);
  takeNamed(parsed, named, isAsked ? nestedRank : anyRank, zone);
  if (isAsked) {
    const isSerilog = members.some(({ key }) => key === '@t');
    readNested(parsed, zone);
    takeNamed(parsed, namedOf(parsed.members), anyRank, zone);
    // Serilog's compact form leaves out the level of what is information.
    if (isSerilog && parsed.message !== null) parsed.level ??= 'info';
    readContextIds(parsed);
  }
  if (Number.isNaN(parsed.timeMs)) takeDateAndTime(parsed, zone);
  if (parsed.level === undefined) moveNestedLevel(parsed);
  return parsed;
}

/** A member with a name that means something. */
interface Named {
  readonly member: Member;
  readonly meaning: Meaning;
}

const anyRank = 16;
/** A message in an object is better than one under a name whose rank is this or more. */
const nestedRank = 4;

function namedOf(members: readonly Member[]): Named[] {
  const named: Named[] = [];
  for (const member of members) {
    const meaning = meanings.get(member.key);
    if (meaning !== undefined) named.push({ member, meaning });
  }
  return named;
}

/** Moves what is not there yet, a message only from names of a rank below `messageLimit`. */
function takeNamed(parsed: Parsed, named: readonly Named[], messageLimit: number, zone: Zone): void {
  const { members } = parsed;
  const time = Number.isNaN(parsed.timeMs)
    ? best(named, 'time', anyRank, ({ key, json }) => {
        const reading = readTimeValue(json, zone, parsed);
        if (reading === 'impossible') parsed.errorMessage ??= `the time in "${key}" is impossible`;
        return reading === 'time';
      })
    : undefined;
  const message =
    parsed.message === null
      ? best(named, 'message', messageLimit, ({ json }) => {
          parsed.message = stringValue(json) ?? null;
          return parsed.message !== null;
        })
      : undefined;
  const level =
    parsed.level === undefined
      ? best(named, 'level', anyRank, ({ key, json }) => {
          parsed.level = levelOfValue(key, json, members);
          return parsed.level !== undefined;
        })
      : undefined;
  const trace = best(named, 'trace', anyRank, ({ key, json }) => idOf(key, json) !== undefined);
  const span = best(named, 'span', anyRank, ({ key, json }) => idOf(key, json) !== undefined);
  if (trace !== undefined || span !== undefined) parsed.members = withIds(members, trace, span);
  if (time !== undefined || message !== undefined || level !== undefined)
    parsed.members = parsed.members.filter((member) => member !== time && member !== message && member !== level);
}

/** The first member, by rank and then by its place in the line, that `use` can use. */
function best(
  named: readonly Named[],
  kind: keyof Meaning,
  limit: number,
  use: (member: Member) => boolean,
): Member | undefined {
  // Mostly the first one found is used, so nothing is sorted.
  for (let above = -1; ;) {
    let order = Infinity;
    for (let place = 0; place < named.length; place++) {
      const rank = named[place]!.meaning[kind];
      const own = rank === undefined || rank >= limit ? Infinity : rank * named.length + place;
      if (own > above && own < order) order = own;
    }
    if (order === Infinity) return undefined;
    const { member } = named[order % named.length]!;
    if (use(member)) return member;
    above = order;
  }
}

/** A date and a time of day in two members (`"date":"2026-11-20","time":"09:15:02.123"`) make one time. */
function takeDateAndTime(parsed: Parsed, zone: Zone): void {
  for (const keys of dateAndTime) {
    const [date, time] = keys.map((key) => stringValue(jsonAt(parsed.members, key)));
    if (date === undefined || time === undefined) continue;
    if (readTime(`${date} ${time}`, zone, parsed) !== 'time') continue;
    parsed.members = parsed.members.filter(({ key }) => !keys.includes(key));
    return;
  }
}
const dateAndTime: readonly (readonly string[])[] = [
  ['date', 'time'],
  ['Date', 'Time'],
];

/** ECS as nested objects, `"log":{"level":"error","logger":"x"}`: the level is moved, its siblings stay where they are. */
function moveNestedLevel(parsed: Parsed): void {
  const inner = objectMembers(jsonAt(parsed.members, 'log'));
  const member = inner?.find(({ key }) => key === 'level');
  if (inner === undefined || member === undefined) return;
  parsed.level = levelOfValue(member.key, member.json, inner);
  if (parsed.level === undefined) return;
  parsed.members = withObject(
    parsed.members,
    'log',
    inner.filter((other) => other !== member),
  );
}
