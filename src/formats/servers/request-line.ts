import type { Member } from '../../types/record.js';
import { addText, isDigit } from '../members/field-members.js';

/**
 * Adds what a request line says, `GET /x?y HTTP/1.1`, as members: method, target as it came, and version. What is no request line (`-`, bytes of
 * another protocol) adds nothing and answers false: then the message alone has it. Without a version (HTTP/0.9) there is none.
 */
export function addRequest(line: string, members: Member[]): boolean {
  const methodEnd = line.indexOf(' ');
  if (methodEnd < 1 || methodEnd > longestMethod || line.charCodeAt(0) === 0x2d) return false;
  for (let at = 0; at < methodEnd; at++) if (!isMethodLetter(line.charCodeAt(at))) return false;
  const versionAt = versionStart(line);
  const targetEnd = versionAt === -1 ? line.length : versionAt;
  if (targetEnd <= methodEnd + 1) return false;
  addText(members, 'http.request.method', line, 0, methodEnd);
  addText(members, 'url.original', line, methodEnd + 1, targetEnd);
  if (versionAt !== -1) addText(members, 'http.version', line, versionAt + protocol.length, line.length);
  return true;
}

/** True when the text is a method, a target and a version: what nothing but a request looks like. */
export const isFullRequest = (line: string): boolean => {
  const version = versionStart(line);
  return version !== -1 && line.indexOf(' ') < version && isMethodLetter(line.charCodeAt(0));
};

const protocol = ' HTTP/';
/** The longest registered method is UPDATEREDIRECTREF with 17 letters. */
const longestMethod = 24;

const isMethodLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || code === 0x2d || code === 0x5f;

/** Place of the blank before `HTTP/`, when a version of one digit, or two with a dot, ends the line; else -1. */
function versionStart(line: string): number {
  const end = line.length;
  const isShort = line.charCodeAt(end - 2) === 0x2f;
  const at = end - protocol.length - (isShort ? 1 : 3);
  if (at < 1 || !line.startsWith(protocol, at) || !isDigit(line.charCodeAt(end - 1))) return -1;
  if (isShort) return at;
  return isDigit(line.charCodeAt(end - 3)) && line.charCodeAt(end - 2) === 0x2e ? at : -1;
}
