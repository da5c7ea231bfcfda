import type { Member } from '../../types/record.js';
import { addNumber, addText } from '../members/field-members.js';
import { isAddress, isHost, portColon } from './hosts.js';
import { levelOf } from '../levels.js';
import { skipBlanks, tokenEnd } from '../line-tokens.js';

/**
 * What an access log says before the time, `line[0, end)`, which ends with a blank or is empty:
 *
 *     who    = [ [vhost " "] client [" " ident] [" " user] " " ]
 *     vhost  = a host, with or without a port: there when an address comes second, or a host that is followed by "-" and one more token
 *     client = a host, or hosts with ", " between them (X-Forwarded-For);   user = the rest, which may have blanks in it
 *
 * A single token behind the client is its user. Adds `url.domain`, `url.port`, `source.address`, `access.ident` and `user.name`. False when it is
 * something else, such as a logger's own prefix before the access line: then nothing was added.
 */
export function addWho(members: Member[], line: string, end: number): boolean {
  const last = lastOf(line, end);
  if (last === 0) return true;
  const firstEnd = listEnd(line, last);
  const second = skipBlanks(line, firstEnd);
  const secondEnd = Math.min(tokenEnd(line, second), last);
  const hasVhost = second < last && isVhostBefore(line, second, secondEnd, last);
  const [client, clientEnd] = hasVhost ? [second, secondEnd] : [0, firstEnd];
  if (!isHostList(line, client, clientEnd) || (hasVhost && !isHost(line, 0, firstEnd))) return false;
  // `INFO 1.2.3.4 - - [...` is an access line in the clothes of a logger: the level would be lost.
  if (levelOf(line.slice(0, firstEnd)) !== undefined) return false;
  const ident = Math.min(skipBlanks(line, clientEnd), last);
  const identEnd = Math.min(tokenEnd(line, ident), last);
  const user = Math.min(skipBlanks(line, identEnd), last);
  if (last - user > longestUser) return false;
  if (hasVhost) {
    const colon = portColon(line, 0, firstEnd);
    addText(members, 'url.domain', line, 0, colon === -1 ? firstEnd : colon);
    if (colon !== -1) addNumber(members, 'url.port', line, colon + 1, firstEnd);
  }
  addText(members, 'source.address', line, client, clientEnd);
  if (user < last) addText(members, 'access.ident', line, ident, identEnd);
  addText(members, 'user.name', line, user < last ? user : ident, last);
  return true;
}

const longestUser = 256;

function isVhostBefore(line: string, second: number, secondEnd: number, last: number): boolean {
  if (isAddress(line, second, secondEnd)) return true;
  const third = skipBlanks(line, secondEnd);
  if (line.charCodeAt(third) !== dash || line.charCodeAt(third + 1) !== blank || third >= last) return false;
  const fourth = skipBlanks(line, third + 1);
  // `1.2.3.4 www.x.org - - [`: lighttpd's order; its host stays what is called ident elsewhere.
  return fourth < last && !isAddress(line, 0, tokenEnd(line, 0)) && isHost(line, second, secondEnd);
}

/** End of the token at 0, and of those after it while each ends with a comma. */
function listEnd(line: string, last: number): number {
  let end = tokenEnd(line, 0);
  while (end < last && line.charCodeAt(end - 1) === comma) end = tokenEnd(line, skipBlanks(line, end));
  return Math.min(end, last);
}

function isHostList(line: string, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    const end = Math.min(tokenEnd(line, at), to);
    if (!isHost(line, at, line.charCodeAt(end - 1) === comma ? end - 1 : end)) return false;
    at = skipBlanks(line, end);
  }
  return from < to;
}

/** One past the last byte before `end` that is no blank. */
function lastOf(line: string, end: number): number {
  let at = end;
  while (at > 0 && line.charCodeAt(at - 1) === blank) at--;
  return at;
}

const blank = 0x20;
const comma = 0x2c;
const dash = 0x2d;
