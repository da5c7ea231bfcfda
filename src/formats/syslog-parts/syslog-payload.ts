import { splitMembers } from '../../types/json-members.js';
import type { Member } from '../../types/record.js';
import { readAccess } from '../access.js';
import { readApacheError } from '../servers/apache-error.js';
import { closeBrace, openBrace } from '../characters.js';
import { readHaproxy } from '../servers/haproxy-line.js';
import { mapMembers, type Parsed } from '../members/mapping.js';
import { readNginxError } from '../servers/nginx-error.js';
import type { Zone } from '../times/zone.js';

/** Formats that programs write into syslog as their message. Each answers what it read, or undefined. */
const readers = [readJson, readAccess, readHaproxy, readNginxError, readApacheError];

/** Reads the message of a syslog line when it is of a format of its own. */
export function readPayload(message: string, zone: Zone): Parsed | undefined {
  for (const reader of readers) {
    const parsed = reader(message, zone);
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

/** An object, or one behind CEE's cookie. */
function readJson(message: string, zone: Zone): Parsed | undefined {
  const start = message.startsWith(cookie) ? cookie.length : 0;
  const brace = message.charCodeAt(start) === 0x20 ? start + 1 : start;
  if (message.charCodeAt(brace) !== openBrace || message.charCodeAt(message.length - 1) !== closeBrace)
    return undefined;
  const members = splitMembers(brace === 0 ? message : message.slice(brace));
  return members === undefined ? undefined : mapMembers(members, zone);
}

const cookie = '@cee:';

/** A name that header and payload both have: the payload's gets `payload.` before it, so that both stay. */
export function joinMembers(header: readonly Member[], payload: readonly Member[]): Member[] {
  const names = new Set(header.map(({ key }) => key));
  const renamed = payload.map((member) => (names.has(member.key) ? { ...member, key: freeName(member.key) } : member));
  return [...header, ...renamed];

  function freeName(key: string): string {
    let name = `payload.${key}`;
    while (payload.some((other) => other.key === name)) name = `payload.${name}`;
    return name;
  }
}
