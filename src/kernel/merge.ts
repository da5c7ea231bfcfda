import { splitMembers } from '../types/json-members.js';
import type { Member } from '../types/record.js';
import { ownLeaf, pathOf, place, type Branch, type Tree } from './tree.js';

/** A record's members once those under the agent's root keys have found their place. */
export interface Merged {
  /** The agent's roots that the line has members under, with the agent's own values and what was merged into them. */
  readonly roots: Tree;
  /** What is written after the agent's members, in the line's order: a member, or the name of a root that only the line sets. */
  readonly rest: readonly (Member | string)[];
  /** The object `fields`. */
  readonly fields: Tree;
}

/** What the agent says under its root keys, for one record. */
export interface AgentRoots {
  isRoot(key: string): boolean;
  /** The agent's value, a copy for the merge to change; undefined when it does not set this root in this record. */
  valueOf(root: string): Branch | undefined;
}

/** The root key that a member's name lies under. */
export function rootOf(key: string): string {
  const dot = key.indexOf('.');
  return dot === -1 ? key : key.slice(0, dot);
}

/**
 * Merges a line's members into what the agent says: nothing of the agent's is replaced, nothing of the line's is dropped. What finds no place
 * moves to `fields` under the name it came with, with `fields.` before it as often as that name is taken.
 */
export function mergeMembers(members: readonly Member[], agent: AgentRoots): Merged {
  const roots: Tree = new Map();
  const rest: (Member | string)[] = [];
  const unwritten = new Set<string>();
  /** Roots that something of the line found a place under. */
  const used = new Set<string>();
  const ownFields = agent.valueOf('fields');
  const fields = ownFields instanceof Map ? ownFields : new Map<string, Branch>();
  for (const member of members) {
    const root = rootOf(member.key);
    if (!agent.isRoot(root)) rest.push(member);
    else if (root !== 'fields') {
      if (!roots.has(root)) {
        const value = agent.valueOf(root);
        if (value === undefined) unwritten.add(root);
        roots.set(root, value ?? new Map<string, Branch>());
      }
      const left = place(roots, pathOf(member.key), member.json);
      if (left !== undefined) addField(fields, member.key, left);
      if (left !== undefined && !(left instanceof Map)) continue;
      used.add(root);
      // A root of the line's alone is written where its first member is that did not move.
      if (unwritten.delete(root)) rest.push(root);
    }
  }
  for (const root of [...roots.keys()]) if (!used.has(root)) roots.delete(root);
  // Last, so that a member that moved has the name people will look for.
  for (const member of members) if (rootOf(member.key) === 'fields') addLineFields(fields, member);
  return { roots, rest, fields };
}

/** The line's own `fields` or `fields.x`: it joins ours. */
function addLineFields(fields: Tree, { key, json }: Member): void {
  const members = key === 'fields' ? splitMembers(json) : undefined;
  if (members === undefined) addField(fields, key.slice('fields.'.length) || key, ownLeaf(json));
  else for (const member of members) addField(fields, member.key, ownLeaf(member.json));
}

function addField(fields: Tree, key: string, value: Branch): void {
  let name = key;
  while (fields.has(name)) name = `fields.${name}`;
  fields.set(name, value);
}
