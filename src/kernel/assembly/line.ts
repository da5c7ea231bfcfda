import { accessLevel, readAccess } from './access';
import {
  carriageReturn,
  closeBrace,
  colon,
  comma,
  copy,
  isWhiteSpace,
  lineFeed,
  openBrace,
  quote,
  skipWhiteSpace,
  space,
} from './bytes';
import { datedLevel, readDated } from './dated';
import { contentWord, scratchBytesWord, scratchWord, wrapperWord, zonelessWord } from './job';
import {
  beginIds,
  noteId,
  spanIdMember,
  spanIdName,
  spanIdNameEnd,
  traceIdMember,
  traceIdName,
  traceIdNameEnd,
} from './ids';
import { hadEscape, passBlanks, passString, passValue } from './json';
import {
  beforeDot,
  hashOf,
  isSame,
  levelAt,
  meaningOf,
  meansAsk,
  meansAskAt,
  meansAskUnder,
  meansIds,
  meansLevel,
  meansMessage,
  meansRoot,
  meansSetRoot,
  meansStream,
  meansTaken,
  meansTime,
  rankShift,
  rootNumber,
} from './names';
import { isPlain } from './plain';
import { copyString } from './text';
import { fractionAt, fractionLength, readTime, timeMs } from './time';

/** What is around a line's own text. */
const wrapperCri: u32 = 1;
const wrapperDocker: u32 = 2;
/** What the text is: text for sure, text unless it shows something of a format, a JSON object, a line of an access log, or text behind a time. */
export const contentGuessedText: u32 = 1;
const contentJson: u32 = 2;
const contentAccess: u32 = 3;
export const contentDated: u32 = 4;

/** What became of a line: it is not for the kernel, it is a record, or there is nothing in it. */
export const lineAsk: u32 = 0;
export const lineRecord: u32 = 1;
export const lineBlank: u32 = 2;

// ── What the last line that was read says ──────────────────────────────────────────────────────────────────────────────────────────

/** Its text, without a wrapper. */
export let textAt: usize = 0;
export let textTo: usize = 0;
export let hasTime: bool = false;
export let lineTimeMs: f64 = 0;
export let lineFractionAt: usize = 0;
export let lineFractionLength: usize = 0;
/** From 1; 0: none. */
export let level: u32 = 0;
/** The text is the message. */
export let isText: bool = false;
/** It is a line of an access log: its pieces are in `access.ts`. */
export let isAccess: bool = false;
/** It is text behind a time: its pieces are in `dated.ts`. */
export let isDated: bool = false;
/** Content of the JSON string that is the message; `messageAt` 0: none. */
export let messageAt: usize = 0;
export let messageTo: usize = 0;
export let messageHasEscape: bool = false;
export let memberCount: u32 = 0;
/** 1 stdout, 2 stderr: the wrapper's stream, unless the line has a member of that name; else 0. */
export let stream: u32 = 0;

// ── Members ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const maxMembers: u32 = 128;
const memberBytes: u32 = 36;
/**
 * Per member: address and end of its key, quotes not included; address and end of its value; where it goes; under a root its name there, and address
 * and end of the root's name; the number of the object that it was found in.
 */
const members: usize = memory.data(4608, 8);

/** Where a member goes: it stays (0), it is moved into the record, it lies under a root that the agent sets or does not set, or it moves to `fields`. */
const goesNowhere: u32 = 1;
const goesAsking: u32 = 2;
const goesToFields: u32 = 3;
/** With the number of the root above. */
const goesToSetRoot: u32 = 4;
const goesToLineRoot: u32 = 5;

/** Some member lies under a root, or moves to `fields`: the steps for these have something to do. */
export let hasRooted: bool = false;
export let hasFields: bool = false;

export function keyAt(member: u32): usize {
  return load<u32>(members + member * memberBytes);
}
export function keyTo(member: u32): usize {
  return load<u32>(members + member * memberBytes, 4);
}
export function valueAt(member: u32): usize {
  return load<u32>(members + member * memberBytes, 8);
}
export function valueTo(member: u32): usize {
  return load<u32>(members + member * memberBytes, 12);
}
function goalOf(member: u32): u32 {
  return load<u32>(members + member * memberBytes, 16);
}
/** Its name without the root's. */
export function nameAt(member: u32): usize {
  return load<u32>(members + member * memberBytes, 20);
}
export function stays(member: u32): bool {
  return goalOf(member) == 0;
}
export function movesToFields(member: u32): bool {
  return goalOf(member) == goesToFields;
}
/** Whether it lies under the root of this number, which the agent sets. */
export function isUnderSet(member: u32, root: u32): bool {
  return goalOf(member) == (goesToSetRoot | (root << 8));
}
/** Number of the root that only the line has, from 1; 0: it lies under none. */
export function lineRootOf(member: u32): u32 {
  const goal = goalOf(member);
  return (goal & 0xff) == goesToLineRoot ? (goal >> 8) + 1 : 0;
}
/** The name of the root that it lies under. */
export function rootAt(member: u32): usize {
  return load<u32>(members + member * memberBytes, 24);
}
export function rootTo(member: u32): usize {
  return load<u32>(members + member * memberBytes, 28);
}
function setMoved(member: u32): void {
  store<u32>(members + member * memberBytes, goesNowhere, 16);
}

/** Roots that the line has dotted names under, and those that it has an object at; not both, for the kernel. */
let dottedRoots: u64 = 0;
let objectRoots: u64 = 0;

function bitOf(root: u32): u64 {
  const one: u64 = 1;
  return one << (rootNumber(root) & 63);
}

/** Decides where a member goes whose key means `meaning` by itself. */
function setGoal(member: u32, meaning: u32): void {
  const place = members + member * memberBytes;
  const key = keyAt(member);
  const length = keyTo(member) - key;
  const isObject = load<u8>(valueAt(member)) == openBrace;
  let goal: u32 = 0;
  if ((meaning & meansRoot) != 0) {
    // An object there is merged with what the agent says.
    goal = isObject ? goesAsking : goesToFields;
  } else {
    const first = beforeDot(key, length);
    if (first != length) {
      const root = meaningOf(key, first);
      if ((root & meansRoot) != 0) {
        const name = key + first + 1;
        const nameLength = length - first - 1;
        if ((root & meansAskUnder) != 0 || nameLength == 0 || beforeDot(name, nameLength) != nameLength)
          goal = goesAsking;
        else if ((meaning & meansTaken) != 0) goal = isObject ? goesAsking : goesToFields;
        else goal = ((root & meansSetRoot) != 0 ? goesToSetRoot : goesToLineRoot) | (rootNumber(root) << 8);
        store<u32>(place, <u32>name, 20);
        store<u32>(place, <u32>key, 24);
        store<u32>(place, <u32>(key + first), 28);
        dottedRoots |= bitOf(root);
      }
    }
  }
  if (goal != 0) hasRooted = true;
  store<u32>(place, goal, 16);
}

/** Which keys a line had: places of 8 bytes, the number of the line and that of the member. */
const seenPlaces: u32 = 512;
const seen: usize = memory.data(4096, 8);
let lineNumber: u32 = 0;

/** Notes a key of the object of number `scope`; false when that had it before. */
function isFirst(at: usize, length: usize, member: u32, scope: u32): bool {
  store<u32>(members + member * memberBytes, scope, 32);
  let index = (hashOf(at, length) + scope * 97) & (seenPlaces - 1);
  while (true) {
    const place = seen + (index << 3);
    if (load<u32>(place) != lineNumber) {
      store<u32>(place, lineNumber);
      store<u32>(place, member, 4);
      return true;
    }
    const other = load<u32>(place, 4);
    const isOfScope = load<u32>(members + other * memberBytes, 32) == scope;
    if (isOfScope && keyTo(other) - keyAt(other) == length && isSame(keyAt(other), at, length)) return false;
    index = (index + 1) & (seenPlaces - 1);
  }
}

function beginLine(): void {
  hasRooted = false;
  hasFields = false;
  dottedRoots = 0;
  objectRoots = 0;
  lineNumber++;
  if (lineNumber == 0) {
    memory.fill(seen, 0, seenPlaces << 3);
    lineNumber = 1;
  }
}

/**
 * Reads the JSON object [at, to) into the table of members, and finds its time, level and message. False: it is not valid, or one of the rare things
 * that only the object path does (duplicate or escaped keys, keys under a root of the agent, a time or level that takes a second look).
 */
function readObject(at: usize, to: usize): bool {
  beginLine();
  beginIds();
  memberCount = 0;
  nestedLevel = maxMembers;
  let time: u32 = maxMembers;
  let levelMember: u32 = maxMembers;
  let message: u32 = maxMembers;
  // Of keys that compete the one with the lowest rank is taken.
  let timeRank: u32 = 0xff;
  let levelRank: u32 = 0xff;
  let messageRank: u32 = 0xff;
  at = passBlanks(at);
  if (load<u8>(at) != openBrace) return false;
  at = passBlanks(at + 1);
  if (load<u8>(at) == closeBrace) return passBlanks(at + 1) == to;
  while (true) {
    if (load<u8>(at) != quote) return false;
    const key = at + 1;
    at = passString(key, to);
    if (at == 0 || hadEscape) return false;
    const keyEnd = at - 1;
    at = passBlanks(at);
    if (load<u8>(at) != colon) return false;
    at = passBlanks(at + 1);
    const value = at;
    const meaning = meaningOf(key, keyEnd - key);
    if ((meaning & meansAsk) != 0) return false;
    if ((meaning & (meansRoot | meansAskUnder)) == meansRoot && load<u8>(at) == openBrace) {
      at = readRooted(at, to, key, keyEnd, meaning);
      if (at == 0) return false;
      at = passBlanks(at);
      const after: u32 = load<u8>(at);
      if (after == closeBrace) break;
      if (after != comma) return false;
      at = passBlanks(at + 1);
      continue;
    }
    // Whatever else such a name means: `log` is a message for some.
    if ((meaning & meansAskAt) != 0) return false;
    at = passValue(at, to);
    if (at == 0) return false;
    if (memberCount == maxMembers) return false;
    const member = memberCount;
    const place = members + member * memberBytes;
    store<u32>(place, <u32>key);
    store<u32>(place, <u32>keyEnd, 4);
    store<u32>(place, <u32>value, 8);
    store<u32>(place, <u32>at, 12);
    if (!isFirst(key, keyEnd - key, member, 0)) return false;
    memberCount++;
    const escaped = hadEscape;
    setGoal(member, meaning);
    const rank = (meaning >> rankShift) & 15;
    if ((meaning & meansTime) != 0 && rank < timeRank) {
      timeRank = rank;
      time = member;
    }
    if ((meaning & meansLevel) != 0 && rank < levelRank) {
      levelRank = rank;
      levelMember = member;
    }
    // A message that is no string stays a member.
    if ((meaning & meansMessage) != 0 && rank < messageRank && load<u8>(value) == quote) {
      messageRank = rank;
      message = member;
      messageHasEscape = escaped;
    }
    if ((meaning & meansStream) != 0) stream = 0;
    if ((meaning & meansIds) != 0 && !noteId(member, meaning, rank, value, at, escaped)) return false;
    at = passBlanks(at);
    const next: u32 = load<u8>(at);
    if (next == closeBrace) break;
    if (next != comma) return false;
    at = passBlanks(at + 1);
  }
  if (passBlanks(at + 1) != to) return false;
  if (time != maxMembers && !takeTime(time)) return false;
  // A level in the line's own `log` counts when there is no other.
  if (nestedLevel != maxMembers) {
    if (levelMember != maxMembers) return false;
    levelMember = nestedLevel;
  }
  if (levelMember != maxMembers && !takeLevel(levelMember)) return false;
  if ((dottedRoots & objectRoots) != 0) return false;
  if (message != maxMembers) {
    messageAt = valueAt(message) + 1;
    messageTo = valueTo(message) - 1;
    setMoved(message);
  }
  if (!rename(traceIdMember(), traceIdName, traceIdNameEnd)) return false;
  if (!rename(spanIdMember(), spanIdName, spanIdNameEnd)) return false;
  if (!hasRooted) return true;
  // Some of these were moved by now.
  hasRooted = false;
  for (let member: u32 = 0; member < memberCount; member++) {
    const goal = goalOf(member);
    if (goal == goesAsking) return false;
    if (goal == goesToFields) hasFields = true;
    else if (goal > goesToFields) hasRooted = true;
  }
  return true;
}

/** Gives a member, if there is one, the name in quotes [name, nameEnd]. False: it lies under a root of the agent, or would. */
function rename(member: u32, name: usize, nameEnd: usize): bool {
  if (member >= maxMembers) return true;
  if (goalOf(member) != 0) return false;
  store<u32>(members + member * memberBytes, <u32>name + 1);
  store<u32>(members + member * memberBytes, <u32>nameEnd, 4);
  return true;
}

/** The member `level` of the line's own `log`; `maxMembers`: none. */
let nestedLevel: u32 = maxMembers;
const dotByte: u32 = 0x2e;
const dottedName: usize = memory.data(192, 8);
const longestName: usize = 128;

/**
 * Reads the object at a root of the agent, whose members lie under that root as dotted names do. Returns the address behind it, or 0 when it is not valid, empty,
 * or has a name that the agent has a value for, or a dotted one.
 */
function readRooted(at: usize, to: usize, root: usize, rootEnd: usize, meaning: u32): usize {
  objectRoots |= bitOf(meaning);
  const goal = ((meaning & meansSetRoot) != 0 ? goesToSetRoot : goesToLineRoot) | (rootNumber(meaning) << 8);
  const rootLength = rootEnd - root;
  // Not to be found among other members: a second object at the same root is a repeated key.
  if (memberCount >= maxMembers - 1 || !isFirstRoot(root, rootLength)) return 0;
  const scope = memberCount;
  hasRooted = true;
  at = passBlanks(at + 1);
  while (true) {
    if (memberCount == maxMembers || load<u8>(at) != quote) return 0;
    const key = at + 1;
    at = passString(key, to);
    if (at == 0 || hadEscape) return 0;
    const keyEnd = at - 1;
    const length = keyEnd - key;
    at = passBlanks(at);
    if (load<u8>(at) != colon) return 0;
    at = passBlanks(at + 1);
    const value = at;
    at = passValue(at, to);
    if (at == 0 || length == 0 || rootLength + length > longestName || beforeDot(key, length) != length) return 0;
    const member = memberCount;
    const place = members + member * memberBytes;
    store<u32>(place, <u32>key);
    store<u32>(place, <u32>keyEnd, 4);
    store<u32>(place, <u32>value, 8);
    store<u32>(place, <u32>at, 12);
    store<u32>(place, goal, 16);
    store<u32>(place, <u32>key, 20);
    store<u32>(place, <u32>root, 24);
    store<u32>(place, <u32>rootEnd, 28);
    if (!isFirst(key, length, member, scope)) return 0;
    const name = copy(root, rootLength, dottedName);
    store<u8>(name, dotByte);
    copy(key, length, name + 1);
    const taken = meaningOf(dottedName, rootLength + 1 + length);
    if ((taken & meansAsk) != 0) return 0;
    if ((taken & meansTaken) != 0) {
      if ((taken & meansLevel) == 0) return 0;
      nestedLevel = member;
    }
    memberCount++;
    at = passBlanks(at);
    const next: u32 = load<u8>(at);
    if (next == closeBrace) return at + 1;
    if (next != comma) return 0;
    at = passBlanks(at + 1);
  }
}

/** Notes the key of an object at a root, in a place of the table of members that stays without a value: it goes nowhere. */
function isFirstRoot(at: usize, length: usize): bool {
  const member = memberCount;
  const place = members + member * memberBytes;
  store<u32>(place, <u32>at);
  store<u32>(place, <u32>(at + length), 4);
  store<u32>(place, <u32>at, 8);
  store<u32>(place, <u32>at, 12);
  setMoved(member);
  memberCount++;
  return isFirst(at, length, member, 0);
}

function takeTime(member: u32): bool {
  let at = valueAt(member);
  let to = valueTo(member);
  if (load<u8>(at) == quote) {
    at++;
    to--;
  }
  if (!readTime(at, to - at, load<u32>(zonelessWord) == 1)) return false;
  hasTime = true;
  lineTimeMs = timeMs;
  lineFractionAt = fractionAt;
  lineFractionLength = fractionLength;
  setMoved(member);
  return true;
}

function takeLevel(member: u32): bool {
  let at = valueAt(member);
  let to = valueTo(member);
  if (load<u8>(at) == quote) {
    at++;
    to--;
  }
  level = levelAt(at, to - at);
  if (level == 0) return false;
  setMoved(member);
  return true;
}

// ── Text ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `stdout ` or `stderr ` at `at`: 1 or 2; 0 when it is neither. */
function streamAt(at: usize): u32 {
  if (load<u8>(at + 6) != space || load<u16>(at) != 0x7473) return 0;
  const rest = load<u32>(at + 2);
  return rest == 0x74756f64 ? 1 : rest == 0x72726564 ? 2 : 0;
}

/** Address of the blank that ends the first token, within `longest` bytes; 0: there is none. */
function tokenEnd(at: usize, to: usize, longest: usize): usize {
  const end = min(to, at + longest + 1);
  while (at < end) {
    if (load<u8>(at) == space) return at;
    at++;
  }
  return 0;
}

/** Reads the line's own text, [at, to). */
function readContent(at: usize, to: usize): bool {
  textAt = at;
  textTo = to;
  const content = load<u32>(contentWord);
  if (content == contentJson) return readObject(at, to);
  if (content == contentAccess) return takeAccess(at, to);
  if (content == contentDated) return takeDated(at, to);
  if (content == contentGuessedText && !isPlain(at, to)) return false;
  isText = true;
  return true;
}

function takeDated(at: usize, to: usize): bool {
  if (!readDated(at, to, load<u32>(zonelessWord) == 1)) return false;
  isDated = true;
  level = datedLevel;
  hasTime = true;
  lineTimeMs = timeMs;
  lineFractionAt = fractionAt;
  lineFractionLength = fractionLength;
  return true;
}

function takeAccess(at: usize, to: usize): bool {
  if (!readAccess(at, to)) return false;
  isAccess = true;
  level = accessLevel;
  hasTime = true;
  lineTimeMs = timeMs;
  lineFractionLength = 0;
  return true;
}

// ── Wrappers ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `<RFC 3339 time> <stream> <tags> <text>`. A part of a line (`P`) is not for the kernel. */
function readCri(at: usize, to: usize): u32 {
  const timeEnd = tokenEnd(at, to, 35);
  if (timeEnd == 0 || timeEnd - at < 20 || load<u8>(at + 10) != 0x54 || timeEnd + 8 > to) return lineAsk;
  stream = streamAt(timeEnd + 1);
  const tag = timeEnd + 8;
  if (stream == 0 || tag >= to || load<u8>(tag) != 0x46) return lineAsk;
  let text = tag + 1;
  if (text < to) {
    if (load<u8>(text) != space && load<u8>(text) != colon) return lineAsk;
    text = tokenEnd(tag, to, 64);
    if (text == 0) return lineAsk;
    text++;
  }
  if (!readTime(at, timeEnd - at, load<u32>(zonelessWord) == 1)) return lineAsk;
  return readWrapped(text, to);
}

const logStart: usize = memory.data<u8>([0x7b, 0x22, 0x6c, 0x6f, 0x67, 0x22, 0x3a, 0x22]);
/** `,"stream":"std` */
const streamStart: usize = memory.data<u8>([
  0x2c, 0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64,
]);
/** `","time":"` */
const timeStart: usize = memory.data<u8>([0x22, 0x2c, 0x22, 0x74, 0x69, 0x6d, 0x65, 0x22, 0x3a, 0x22]);

/** `{"log":"…\n","stream":"stdout","time":"…"}`, just as the driver writes it. The text is unescaped into the scratch area. */
function readDocker(at: usize, to: usize): u32 {
  if (to - at < 64 || to - at + 64 > <usize>load<u32>(scratchBytesWord) || !isSame(at, logStart, 8)) return lineAsk;
  const logAt = at + 8;
  const logTo = passString(logAt, to) - 1;
  // The text's end: a line feed that is escaped as such; without it this is a part of a line.
  if (logTo == -1 || logTo - logAt < 2 || load<u16>(logTo - 2) != 0x6e5c) return lineAsk;
  if (to - logTo < 48 || !isSame(logTo + 1, streamStart, 14)) return lineAsk;
  const name = load<u32>(logTo + 15) & 0xffffff;
  const next = logTo + 18;
  if ((name != 0x74756f && name != 0x727265) || !isSame(next, timeStart, 10)) return lineAsk;
  const time = next + 10;
  if (load<u8>(to - 1) != closeBrace || load<u8>(to - 2) != quote || time + 20 > to - 2) return lineAsk;
  if (!readTime(time, to - 2 - time, load<u32>(zonelessWord) == 1)) return lineAsk;
  const scratch = <usize>load<u32>(scratchWord);
  let end = copyString(logAt, logTo, scratch, false);
  // A backslash before the `\n` makes that two characters of text.
  if (end == 0 || load<u8>(end - 1) != lineFeed) return lineAsk;
  end--;
  if (end > scratch && load<u8>(end - 1) == carriageReturn) {
    end--;
    store<u8>(end, lineFeed);
  }
  stream = name == 0x74756f ? 1 : 2;
  return readWrapped(scratch, end);
}

/** Reads the text in a wrapper, whose time has just been read. The text's own time counts more. */
function readWrapped(at: usize, to: usize): u32 {
  const wrapperMs = timeMs;
  const wrapperFractionAt = fractionAt;
  const wrapperFractionLength = fractionLength;
  if (skipWhiteSpace(at, to) == to) return lineBlank;
  if (!readContent(at, to)) return lineAsk;
  if (!hasTime) {
    hasTime = true;
    lineTimeMs = wrapperMs;
    lineFractionAt = wrapperFractionAt;
    lineFractionLength = wrapperFractionLength;
  }
  return lineRecord;
}

/** Reads the line [at, to), which is not empty; a line end is behind it. */
export function readLine(at: usize, to: usize): u32 {
  hasTime = false;
  level = 0;
  isText = false;
  isAccess = false;
  isDated = false;
  messageAt = 0;
  memberCount = 0;
  stream = 0;
  if (isWhiteSpace(load<u8>(at)) && skipWhiteSpace(at, to) == to) return lineBlank;
  const wrapper = load<u32>(wrapperWord);
  if (wrapper == wrapperCri) return readCri(at, to);
  if (wrapper == wrapperDocker) return readDocker(at, to);
  return readContent(at, to) ? lineRecord : lineAsk;
}
