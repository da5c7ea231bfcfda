import type { Member } from '../../types/record.js';
import { addNumber, addText } from '../members/field-members.js';

/** One column of a format whose header names them: the member it becomes, how its value is written there, and what else it is for. */
export interface Column {
  readonly key: string;
  /** 'plus': `+` stands for blanks. 'version': `HTTP/` is cut. */
  readonly kind: 'text' | 'number' | 'plus' | 'version';
  readonly role: Role | undefined;
}

/** What a column says of the record itself. A date and a time become no members. */
export type Role = 'date' | 'time' | 'method' | 'target' | 'query' | 'status';
export type Roles = Partial<Record<Role, string>>;

/**
 * Adds the values of a line as the members of its columns, and returns those with a role. `-` is none. Undefined when there are more or fewer
 * values than columns: then members may have been added. A value in quotes goes on to a quote with a separator behind it.
 */
export function readColumns(
  members: Member[],
  line: string,
  separator: string,
  columns: readonly Column[],
): Roles | undefined {
  const roles: Roles = {};
  let at = 0;
  for (const column of columns) {
    if (at > line.length) return undefined;
    const end = valueEnd(line, at, separator);
    const isQuoted = end > at + 1 && line.charCodeAt(at) === quote && line.charCodeAt(end - 1) === quote;
    const [from, to] = isQuoted ? [at + 1, end - 1] : [at, end];
    if (column.role !== undefined) roles[column.role] = line.slice(from, to);
    if (column.role !== 'date' && column.role !== 'time') addValue(members, column, line, from, to);
    at = end + 1;
  }
  return at > line.length ? roles : undefined;
}

function valueEnd(line: string, from: number, separator: string): number {
  const isQuoted = line.charCodeAt(from) === quote;
  const closing = isQuoted ? line.indexOf(`"${separator}`, from + 1) : -1;
  if (closing !== -1) return closing + 1;
  if (isQuoted && line.length > from + 1 && line.endsWith('"')) return line.length;
  const end = line.indexOf(separator, from);
  return end === -1 ? line.length : end;
}

function addValue(members: Member[], { key, kind }: Column, line: string, from: number, to: number): void {
  if (kind === 'number') addNumber(members, key, line, from, to);
  else if (kind === 'version') addText(members, key, line, line.startsWith('HTTP/', from) ? from + 5 : from, to);
  else if (kind === 'text') addText(members, key, line, from, to);
  else {
    const value = line.slice(from, to).replaceAll('+', ' ');
    addText(members, key, value, 0, value.length);
  }
}

/** A document has each name once: what comes again is named by its place, under `root`. */
export function distinct(columns: readonly Column[], root: string): readonly Column[] {
  const seen = new Set<string>();
  return columns.map((column, place) => {
    if (seen.has(column.key)) return { key: `${root}.column${place + 1}`, kind: 'text', role: undefined };
    seen.add(column.key);
    return column;
  });
}

/** `METHOD target?query status`; undefined without a request: then there is nothing better to say than the line itself. */
export function requestMessage({ method, target, query, status }: Roles): string | undefined {
  if (method === undefined || target === undefined || method === '' || method === '-') return undefined;
  const search = query === undefined || query === '' || query === '-' ? '' : `?${query}`;
  return `${method} ${target}${search} ${status ?? ''}`.trimEnd();
}

const quote = 0x22;
