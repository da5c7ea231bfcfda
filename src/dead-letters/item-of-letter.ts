import { splitMembers } from '../types/json-members.js';
import type { ItemLayout } from '../types/batch.js';
import { jsonString } from '../types/json-string.js';

/**
 * What a letter holds where the line could not be had: the item as it was sent (its file was gone, or redaction wanted a joined line whole). As one line of
 * JSON to be parsed, without what the agent itself adds; or the line that the item quotes. Undefined: it is no item of this layout, but a line.
 */
export function lineOfItem(
  { parts }: ItemLayout,
  id: string,
  text: string,
  statics: Readonly<Record<string, unknown>>,
): string | undefined {
  const match = formOf(parts, id).exec(text);
  const { document, line } = match?.groups ?? {};
  if (document !== undefined) return documentLine(document, statics);
  return line === undefined ? undefined : textOf(line);
}

/** A line never ends with a line end, nor is it an unfinished event: so no line is taken for an item of today's layouts that end so. */
function formOf(parts: ItemLayout['parts'], id: string): RegExp {
  const pieces = parts.map((part) => {
    if (part === 'id') return escaped(id);
    if (part === 'document') return '(?<document>\\{[^\\n]*\\})';
    if (part === 'line') return '(?<line>"[^\\n]*")';
    if (part === 'time-ms') return ' *\\d{1,13}';
    return 'literal' in part ? escaped(part.literal) : '[^\\n]{0,600}?';
  });
  return new RegExp(`^${pieces.join('')}$`);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function textOf(json: string): string | undefined {
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

function documentLine(document: string, statics: Readonly<Record<string, unknown>>): string | undefined {
  const own = { ...statics, log: { file: { path: '' }, offset: 0, part: { offset: 0, index: 0, last: false } } };
  return without(document, own);
}

/** An object's JSON without the members that `own` has, whatever their values; undefined when it is no object. */
function without(json: string, own: object): string | undefined {
  const members = splitMembers(json);
  if (members === undefined) return undefined;
  const ours = new Map(Object.entries(own) as [string, unknown][]);
  const left = members.flatMap(({ key, json: value }) => {
    const inner = ours.get(key);
    if (!ours.has(key)) return [`${jsonString(key)}:${value}`];
    const rest = typeof inner === 'object' && inner !== null ? without(value, inner) : undefined;
    return rest === undefined || rest === '{}' ? [] : [`${jsonString(key)}:${rest}`];
  });
  return `{${left.join(',')}}`;
}
