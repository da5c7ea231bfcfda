import type { Member } from '../../types/record.js';
import { isServerTimeAt, readServerTime } from '../times/clf-time.js';
import { blank, colon, dash, openBrace, quote } from '../characters.js';
import { addNumber, addText, isWhole, jsonArray } from '../members/field-members.js';
import { newFinding } from '../finding.js';
import { isHost, portColon } from './hosts.js';
import { isStatus, levelOfStatus } from './http-status.js';
import { quotedEnd, tokenEnd, tokensOf } from '../line-tokens.js';
import type { Parsed } from '../members/mapping.js';
import { addRequest } from './request-line.js';
import type { Zone } from '../times/zone.js';

/**
 * HAProxy's lines (its configuration manual, 8.2), as they are or as the message of a syslog line:
 *
 *     http:  client "[" time "] " frontend " " backend "/" server " " timers " " status " " bytes " " cookie " " cookie " " state " " connections " " queues
 *            [" {" captured "}"]… " " quoted(request) [" " extra]…
 *     tcp:   client "[" time "] " frontend " " backend "/" server " " timers " " bytes " " state " " connections " " queues [" " extra]…
 *     error: client "[" time "] " frontend "/" listener ": " message
 *
 * The time is that of the accept. A status of `-1` is that of no answer. Undefined when the text is none.
 */
export function readHaproxy(text: string, zone: Zone): Parsed | undefined {
  const clientEnd = tokenEnd(text, 0);
  if (!isServerTimeAt(text, clientEnd + 1) || !isHost(text, 0, clientEnd)) return undefined;
  const close = text.indexOf('] ', clientEnd);
  if (close === -1 || close > clientEnd + 40) return undefined;
  const finding = newFinding();
  const reading = readServerTime(text, clientEnd + 2, close, zone, finding);
  if (reading === 'none') return undefined;
  const members: Member[] = [];
  finding.members = members;
  if (reading === 'impossible') {
    addText(members, 'haproxy.time', text, clientEnd + 2, close);
    finding.errorMessage = 'the time in "haproxy.time" is impossible';
  }
  const port = portColon(text, 0, clientEnd);
  addText(members, 'source.address', text, 0, port === -1 ? clientEnd : port);
  if (port !== -1) addNumber(members, 'source.port', text, port + 1, clientEnd);
  const isRead = readTraffic(text, close + 2, finding, members) || readError(text, close + 2, finding, members);
  return isRead ? finding : undefined;
}

function readError(text: string, from: number, finding: Parsed, members: Member[]): boolean {
  const end = tokenEnd(text, from);
  if (text.charCodeAt(end - 1) !== colon || end === text.length || text.slice(from, end).indexOf('/') === -1)
    return false;
  addText(members, 'haproxy.frontend', text, from, end - 1);
  finding.level = 'error';
  finding.message = text.slice(end + 1);
  return true;
}

/** The fields behind the time, by their number. A line of TCP has neither status nor cookies. */
function readTraffic(text: string, from: number, finding: Parsed, members: Member[]): boolean {
  const starts: number[] = [from];
  for (let field = 1; field <= 10; field++) {
    const end = tokenEnd(text, starts[field - 1] ?? 0);
    starts.push(end + 1);
    if (end === text.length) break;
  }
  const fieldAt = (field: number): string => text.slice(starts[field], (starts[field + 1] ?? text.length + 1) - 1);
  const [route, timers] = [fieldAt(1), fieldAt(2)];
  const slash = route.indexOf('/');
  if (slash < 1 || !isTimers(timers)) return false;
  const isHttp = isStatus(fieldAt(3)) || fieldAt(3) === '-1';
  const first = isHttp && isState(fieldAt(7)) ? 7 : 4;
  const isWhole = first === 7 || isState(fieldAt(4));
  if (!isWhole || !isTimers(fieldAt(first + 1)) || !isTimers(fieldAt(first + 2))) return false;
  const behind = Math.min(starts[first + 3] ?? text.length, text.length);
  add('haproxy.frontend', fieldAt(0));
  add('haproxy.backend', route.slice(0, slash));
  add('haproxy.server', route.slice(slash + 1));
  add('haproxy.timers', timers);
  const status = first === 7 ? fieldAt(3) : '';
  if (first === 7) {
    if (status !== '-1') addNumber(members, 'http.response.status_code', `${Number(status)}`, 0, 3);
    addBytes(members, 'http.response.bytes', fieldAt(4));
    add('haproxy.request_cookie', fieldAt(5));
    add('haproxy.response_cookie', fieldAt(6));
  } else addBytes(members, 'destination.bytes', fieldAt(3));
  add('haproxy.termination_state', fieldAt(first));
  add('haproxy.connections', fieldAt(first + 1));
  add('haproxy.queues', fieldAt(first + 2));
  const request = addRest(text, behind, members);
  finding.level = /^[45]/.test(status) ? levelOfStatus(status) : fieldAt(first).startsWith('-') ? 'info' : 'warn';
  finding.message = request === undefined ? text.slice(from) : `${request} ${status}`;
  return true;

  function add(key: string, value: string): void {
    addText(members, key, value, 0, value.length);
  }
}

/** Captured headers, the request, and what a configuration added. Returns the request. */
function addRest(text: string, from: number, members: Member[]): string | undefined {
  const captured: string[] = [];
  let at = from;
  while (text.charCodeAt(at) === openBrace) {
    let close = text.indexOf('}', at);
    while (close !== -1 && close + 1 < text.length && text.charCodeAt(close + 1) !== blank)
      close = text.indexOf('}', close + 1);
    if (close === -1) break;
    captured.push(text.slice(at + 1, close));
    at = close + 2;
  }
  if (captured.length > 0) members.push({ key: 'haproxy.captured', json: jsonArray(captured) });
  let request: string | undefined;
  if (text.charCodeAt(at) === quote) {
    // A request that is too long is cut, and its quote with it.
    const close = quotedEnd(text, at);
    const end = close === -1 ? text.length : close;
    request = text.slice(at + 1, end);
    addRequest(request, members);
    at = end + 1;
  }
  const extras = tokensOf(text, Math.min(at, text.length), text.length);
  if (extras.length > 0) members.push({ key: 'haproxy.extra', json: jsonArray(extras) });
  return request;
}

/** `+` stands before bytes of a line that was written before its session ended. */
function addBytes(members: Member[], key: string, value: string): void {
  const start = value.startsWith('+') && isWhole(value, 1, value.length) ? 1 : 0;
  addNumber(members, key, value, start, value.length);
}

/** Numbers with slashes between them: `10/0/30/69/109`, `-1/-1/-1/-1/+50`. */
const isTimers = (text: string): boolean => text.length < 100 && /^[+-]?\d{1,19}(?:\/[+-]?\d{1,19}){1,9}$/.test(text);

/** Two letters or dashes, for HTTP two more. */
function isState(text: string): boolean {
  if (text.length !== 2 && text.length !== 4) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== dash && !((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)) return false;
  }
  return true;
}
