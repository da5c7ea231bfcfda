import type { Parsed } from './values.js';
import { hasControlCharacter } from './values.js';

/**
 * The string forms of lists and maps (contract, "Values"). A comma inside `{}`, `[]`, `()` or double quotes does not separate; double
 * quotes around a whole item or a whole value of a map are cut. Messages count items and never quote them: an item may be a secret.
 */

/** `a, {b,c}, "d,e"` is `a`, `{b,c}` and `d,e`. Empty items are left out. */
export function parseList(text: string): Parsed<readonly string[]> {
  const parts = split(text);
  if ('problem' in parts) return parts;
  return { value: parts.value.map((part) => unquote(part.trim())).filter((item) => item !== '') };
}

/** `team=payments, env=prod`, each item split at its first `=`. A key without a value is left out. */
export function parseMap(text: string): Parsed<Readonly<Record<string, string>>> {
  const items = parseList(text);
  if ('problem' in items) return items;
  const entries: [string, string][] = [];
  for (const [index, item] of items.value.entries()) {
    const equals = item.indexOf('=');
    if (equals === -1) return { problem: `item ${index + 1} has no "="`, suggestion: 'write key=value,key2=value2' };
    entries.push([item.slice(0, equals).trim(), unquote(item.slice(equals + 1).trim())]);
  }
  return mapOf(entries);
}

/** A map in a file: per line `Name: value`, or the string form. What comes first in the line, `:` or `=`, tells which. */
export function parseMapFile(text: string): Parsed<Readonly<Record<string, string>>> {
  const entries: [string, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    const equals = line.indexOf('=');
    if (colon !== -1 && (equals === -1 || colon < equals)) {
      entries.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
      continue;
    }
    const map = parseMap(line);
    if ('problem' in map) return { ...map, problem: `line ${index + 1}: ${map.problem}` };
    entries.push(...Object.entries(map.value));
  }
  return mapOf(entries);
}

/** A map from entries of any form. Entries without a value are left out: an empty value is unset. */
export function mapOf(entries: Iterable<readonly [string, string]>): Parsed<Readonly<Record<string, string>>> {
  const map = new Map<string, string>();
  for (const [key, value] of entries) {
    if (key === '') return { problem: 'an item has no key before its "="', suggestion: 'write key=value' };
    // Whoever copies the map key by key would set a prototype.
    if (key === '__proto__') return { problem: 'the key __proto__ is not allowed' };
    if (hasControlCharacter(key) || hasControlCharacter(value)) {
      return { problem: 'an item has a line end or another control character in it' };
    }
    if (map.has(key)) return { problem: `the key ${key} is given twice` };
    map.set(key, value);
  }
  return { value: Object.fromEntries([...map].filter(([, value]) => value !== '')) };
}

const closers = new Map([
  ['{', '}'],
  ['[', ']'],
  ['(', ')'],
]);

/** Splits at the commas that stand outside of all brackets and quotes. One pass. */
function split(text: string): Parsed<readonly string[]> {
  const parts: string[] = [];
  const open: string[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (closers.has(character)) open.push(character);
    else if (open.length > 0 && character === closers.get(open.at(-1) ?? '')) open.pop();
    else if (character === ',' && open.length === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  const unclosed = quoted ? '"' : open.at(-1);
  if (unclosed !== undefined) {
    return { problem: `has an unclosed ${unclosed}`, suggestion: 'put an item with a lone bracket in double quotes' };
  }
  parts.push(text.slice(start));
  return { value: parts };
}

const unquote = (item: string): string => /^"([^"]*)"$/.exec(item)?.[1] ?? item;
