import type { Member } from '../../types/record.js';
import { blank, comma, quote } from '../characters.js';
import { addNumber, addText } from '../members/field-members.js';
import { portColon } from './hosts.js';
import { addRequest } from './request-line.js';

/** What nginx adds to an error, in its order. */
const names = [
  'client',
  'server',
  'request',
  'subrequest',
  'upstream',
  'host',
  'referrer',
  'login',
  'session',
  'bytes from/to client',
  'bytes from/to upstream',
];

/**
 * Reads `, client: 192.0.2.7, server: x, request: "GET / HTTP/1.1", …` at the end of a message into members. Returns the place where the message ends;
 * the text's end when there are none, or when they are not as nginx writes them: then the message keeps them.
 */
export function addDetails(members: Member[], text: string, from: number): number {
  const start = text.lastIndexOf(', client: ');
  if (start < from) return text.length;
  const values = new Map<string, string>();
  for (let at = start; at < text.length;) {
    const name = nameAt(text, at);
    // A name that comes twice was written by a client into its request.
    if (name === undefined || values.has(name)) return text.length;
    const colonEnd = at + 2 + name.length + 1;
    const valueAt = text.charCodeAt(colonEnd) === blank ? colonEnd + 1 : colonEnd;
    const end = valueEnd(text, valueAt);
    const isQuoted = text.charCodeAt(valueAt) === quote && text.charCodeAt(end - 1) === quote && end > valueAt + 1;
    values.set(name, isQuoted ? text.slice(valueAt + 1, end - 1) : text.slice(valueAt, end));
    at = end;
  }
  for (const [name, value] of values) addDetail(members, name, value);
  return start;
}

/** The name that `, name:` at this place has. */
const nameAt = (text: string, at: number): string | undefined =>
  text.charCodeAt(at) === comma && text.charCodeAt(at + 1) === blank
    ? names.find((name) => text.startsWith(name, at + 2) && text.startsWith(':', at + 2 + name.length))
    : undefined;

/** The value ends where the next detail begins: quotes within it are not escaped. */
function valueEnd(text: string, from: number): number {
  for (let at = text.indexOf(', ', from); at !== -1; at = text.indexOf(', ', at + 1)) if (nameAt(text, at)) return at;
  return text.length;
}

function addDetail(members: Member[], name: string, value: string): void {
  const end = value.length;
  if (name === 'client') addText(members, 'source.address', value, 0, end);
  else if (name === 'referrer') addText(members, 'http.request.referrer', value, 0, end);
  else if (name === 'host') {
    const colon = portColon(value, 0, end);
    addText(members, 'url.domain', value, 0, colon === -1 ? end : colon);
    if (colon !== -1) addNumber(members, 'url.port', value, colon + 1, end);
  } else if (name !== 'request' || !addRequest(value, members)) {
    addText(members, `nginx.${name.replaceAll(/[ /]/g, '_')}`, value, 0, end);
  }
}
