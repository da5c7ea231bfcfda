import type { LogRecord, Member } from '../types/record.js';
import { addWho } from './servers/access-who.js';
import { bracketOf, readServerTime, timeBracket } from './times/clf-time.js';
import { addNumber, addText, isDigit, jsonArray } from './members/field-members.js';
import type { Format } from './format.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import type { Parsed } from './members/mapping.js';
import { newFinding } from './finding.js';
import { quotedEnd, tokenEnd, tokensOf } from './line-tokens.js';
import { addRequest, isFullRequest } from './servers/request-line.js';
import type { Zone } from './times/zone.js';

/**
 * Access logs of web servers: common, combined and vhost_combined, with whatever a server was told to add behind them. One look from left to right:
 *
 *     line    = who " [" time "] " [between] quoted(request) " " status [" " bytes] [" " quoted(referrer) " " quoted(agent)] *(" " extra)
 *     who     = see access-who.ts
 *     between = at most two tokens, only before a whole request (`GET /x HTTP/1.1`)
 *     status  = three digits, or "-";   bytes = digits, or "-"
 *     extra   = a token, or quoted(text); they become the member `access.extra`, an array of strings, `-` included
 *
 * `quoted` ends at the first quote that has an even number of backslashes before it and a blank or the line's end behind it. Escapes stay as the
 * server wrote them: nginx's `\x22` and Apache's `\"` mean different things. The members, in this order: `access.time` (an impossible one), what `who` gives,
 * `http.request.method`, `url.original`, `http.version`, `http.response.status_code`, `http.response.body.bytes`, `http.request.referrer`, `user_agent.original`,
 * `access.extra`; fields that are `-` or empty are left out. The message is the request and the status, so nothing of the line is only in one place that
 * a person would not look at. The form is so narrow that no other evidence is needed.
 */
export const access: Format = {
  name: 'access',
  continues: false,
  read(record, _evidence, { zone }) {
    // A part would end within a field, and nothing shows it.
    if (record.part !== undefined) return undefined;
    const bracket = timeBracket(record, longestWho);
    if (bracket === -1) return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    return readLine(line, bracketIn(line, record, bracket), record, zone) ? 'record' : undefined;
  },
  refusal: () => 'the line is not an access log line',
};

/** An access line as the message of another format. */
export function readAccess(line: string, zone: Zone): Parsed | undefined {
  const bracket = bracketOf(line, longestWho);
  if (bracket === -1) return undefined;
  const parsed = newFinding();
  return readLine(line, bracket, parsed, zone) ? parsed : undefined;
}

/** The time begins within so many bytes. */
const longestWho = 512;
const longestTime = 48;
const mostBetween = 2;

/** Place in the text of the bracket at a place among the bytes. */
function bracketIn(line: string, { text, from, to }: LogRecord, bracket: number): number {
  // Of one length both count alike: a byte that is no UTF-8 is one character too.
  return line.length === to - from ? bracket - from : text.toString('utf8', from, bracket).length;
}

function readLine(line: string, bracket: number, into: Parsed, zone: Zone): boolean {
  const close = line.indexOf(']', bracket);
  if (close === -1 || close > bracket + longestTime || line.charCodeAt(close + 1) !== blank) return false;
  const requestAt = requestStart(line, close + 2);
  if (requestAt === -1) return false;
  const requestEnd = quotedEnd(line, requestAt);
  if (requestEnd === -1 || line.charCodeAt(requestEnd + 1) !== blank) return false;
  const statusEnd = tokenEnd(line, requestEnd + 2);
  const status = line.slice(requestEnd + 2, statusEnd);
  if (!isStatus(status)) return false;
  const request = line.slice(requestAt + 1, requestEnd);
  if (requestAt > close + 2 && !isFullRequest(request)) return false;

  const time = { timeMs: Number.NaN, timeText: '' };
  const reading = readServerTime(line, bracket + 1, close, zone, time);
  if (reading === 'none') return false;
  const members: Member[] = [];
  if (reading === 'impossible') addText(members, 'access.time', line, bracket + 1, close);
  if (!addWho(members, line, bracket)) return false;
  addRequest(request, members);
  if (status !== '-') members.push({ key: 'http.response.status_code', json: `${Number(status)}` });
  const extras = requestAt > close + 2 ? tokensOf(line, close + 2, requestAt - 1) : [];
  addRest(members, line, statusEnd, extras);
  into.timeMs = time.timeMs;
  into.timeText = time.timeText;
  into.level = levelOfStatus(status);
  into.logger = undefined;
  into.message = `${request} ${status}`;
  into.members = members;
  into.errorMessage = reading === 'impossible' ? 'the time in "access.time" is impossible' : undefined;
  return true;
}

/** Place of the quote that begins the request, at `from` or behind a few tokens; -1 when there is none. */
function requestStart(line: string, from: number): number {
  let at = from;
  for (let between = 0; line.charCodeAt(at) !== quote; between++) {
    const end = tokenEnd(line, at);
    if (between === mostBetween || end === line.length) return -1;
    at = end + 1;
  }
  return at;
}

/** Bytes, referrer, agent and extras, from the status' end on. */
function addRest(members: Member[], line: string, from: number, extras: string[]): void {
  let at = from;
  const bytesEnd = tokenEnd(line, at + 1);
  if (isBytes(line, at + 1, bytesEnd)) {
    addNumber(members, 'http.response.body.bytes', line, at + 1, bytesEnd);
    at = bytesEnd;
  }
  if (line.charCodeAt(at + 1) === quote) {
    const referrerEnd = quotedEnd(line, at + 1);
    const hasAgent = referrerEnd !== -1 && line.charCodeAt(referrerEnd + 2) === quote;
    const agentEnd = hasAgent ? quotedEnd(line, referrerEnd + 2) : -1;
    if (agentEnd !== -1) {
      addText(members, 'http.request.referrer', line, at + 2, referrerEnd);
      addText(members, 'user_agent.original', line, referrerEnd + 3, agentEnd);
      at = agentEnd + 1;
    }
  }
  if (at < line.length || extras.length > 0) {
    const all = [...extras, ...tokensOf(line, at, line.length)];
    if (all.length > 0) members.push({ key: 'access.extra', json: jsonArray(all) });
  }
}

/** Digits, or `-`. */
function isBytes(line: string, from: number, to: number): boolean {
  if (to === from + 1 && line.charCodeAt(from) === 0x2d) return true;
  for (let at = from; at < to; at++) if (!isDigit(line.charCodeAt(at))) return false;
  return to > from && to - from <= 15;
}

const blank = 0x20;
const quote = 0x22;
