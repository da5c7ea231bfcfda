import { jsonString } from '../../types/json-string.js';
import type { Member } from '../../types/record.js';

/**
 * Adds `line[from, to)` as a string member. Servers write `-` for what is not there: this, and nothing at all, adds none.
 */
export function addText(members: Member[], key: string, line: string, from: number, to: number): void {
  if (to <= from || (to === from + 1 && line.charCodeAt(from) === dash)) return;
  members.push({ key, json: jsonOf(line, from, to) });
}

/** Adds a whole or a decimal number, as it is written; another text as such; `-` adds none. */
export function addNumber(members: Member[], key: string, line: string, from: number, to: number): void {
  if (isWhole(line, from, to) || isDecimal(line, from, to)) members.push({ key, json: line.slice(from, to) });
  else addText(members, key, line, from, to);
}

/** True for digits without a zero before them, few enough for a double. */
export function isWhole(line: string, from: number, to: number): boolean {
  if (to <= from || to - from > 15 || (to - from > 1 && line.charCodeAt(from) === zero)) return false;
  for (let at = from; at < to; at++) if (!isDigit(line.charCodeAt(at))) return false;
  return true;
}

/** True for what a clock measured: `0.004`. */
function isDecimal(line: string, from: number, to: number): boolean {
  const dot = line.indexOf('.', from);
  if (dot === -1 || dot >= to || !isWhole(line, from, dot) || to - from > 16 || to === dot + 1) return false;
  for (let at = dot + 1; at < to; at++) if (!isDigit(line.charCodeAt(at))) return false;
  return true;
}

/** `line[from, to)` as JSON. Most fields have nothing to escape; within quotes they even are JSON already, and then nothing is put together. */
export function jsonOf(line: string, from: number, to: number): string {
  for (let at = from; at < to; at++) {
    const code = line.charCodeAt(at);
    if (code < 0x20 || code === quote || code === backslash) return jsonString(line.slice(from, to));
  }
  if (line.charCodeAt(from - 1) === quote && line.charCodeAt(to) === quote) return line.slice(from - 1, to + 1);
  return `"${line.slice(from, to)}"`;
}

/** The texts as a JSON array. */
export const jsonArray = (texts: readonly string[]): string => `[${texts.map(jsonString).join()}]`;

export const isDigit = (code: number): boolean => code >= zero && code <= 0x39;

const zero = 0x30;
const dash = 0x2d;
const quote = 0x22;
const backslash = 0x5c;
