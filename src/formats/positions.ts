import type { Member } from '../types/record.js';
import { addNumber, addText, jsonArray } from './members/field-members.js';
import { portColon } from './servers/hosts.js';

/** What a field of a format with fixed places becomes: a member of this name, a number, an address with its port, or nothing, because it was read. */
export type Position = string | { readonly number: string } | { readonly address: string } | undefined;

/** Adds the fields at their places; those behind the last place become the array `extra`. `-` and nothing at all are no fields. */
export function addPositions(
  members: Member[],
  fields: readonly string[],
  positions: readonly Position[],
  extra: string,
): void {
  fields.slice(0, positions.length).forEach((field, place) => addPosition(members, field, positions[place]));
  if (fields.length > positions.length) members.push({ key: extra, json: jsonArray(fields.slice(positions.length)) });
}

function addPosition(members: Member[], field: string, position: Position): void {
  const end = field.length;
  if (position === undefined) return;
  if (typeof position === 'string') addText(members, position, field, 0, end);
  else if ('number' in position) addNumber(members, position.number, field, 0, end);
  else {
    const colon = portColon(field, 0, end);
    addText(members, `${position.address}.address`, field, 0, colon === -1 ? end : colon);
    if (colon !== -1) addNumber(members, `${position.address}.port`, field, colon + 1, end);
  }
}
