import { splitMembers } from '../types/json-members.js';
import { jsonString } from '../types/json-string.js';

/** A JSON object in the making: per name a value or a further object. A Map, so `__proto__` is a name like any other. */
export type Tree = Map<string, Branch>;
export type Branch = Tree | Leaf;

export interface Leaf {
  /** JSON text of the value; '' when the agent keeps the name for itself but has no value for it. */
  readonly json: string;
  /** The agent's own value: never replaced, never opened. */
  readonly fixed: boolean;
}

/** Deeper than this the members of a line are not merged into the agent's, they move: no input may build a tall tree. */
const maxDepth = 16;

export const fixedLeaf = (json: string): Leaf => ({ json, fixed: true });
export const ownLeaf = (json: string): Leaf => ({ json, fixed: false });

/** Members of the agent, JSON values, as a tree: what is not an object becomes a leaf, what is undefined is left out. */
export function treeOf(members: Readonly<Record<string, unknown>>): Tree {
  const tree: Tree = new Map();
  for (const [name, value] of Object.entries(members)) {
    if (isObject(value)) tree.set(name, treeOf(value));
    else if (value !== undefined) tree.set(name, fixedLeaf(JSON.stringify(value)));
  }
  return tree;
}

export function copyBranch(branch: Branch): Branch {
  return branch instanceof Map ? new Map(Array.from(branch, ([name, value]) => [name, copyBranch(value)])) : branch;
}

/** Adds to `tree` what `more` has and `tree` has not. */
export function addMissing(tree: Tree, more: Tree): void {
  for (const [name, value] of more) {
    const there = tree.get(name);
    if (there === undefined) tree.set(name, copyBranch(value));
    else if (there instanceof Map && value instanceof Map) addMissing(there, value);
  }
}

export function jsonOf(branch: Branch): string {
  if (!(branch instanceof Map)) return branch.json;
  let text = '';
  for (const [name, value] of branch) {
    const json = jsonOf(value);
    if (json !== '') text += `${text === '' ? '' : ','}${jsonString(name)}:${json}`;
  }
  return `{${text}}`;
}

/** The steps of a member's name. A dot is a step: to the destinations `{"a.b":1}` and `{"a":{"b":1}}` are one. */
export const pathOf = (key: string): string[] => key.split('.', maxDepth + 1);

/**
 * Puts the value `json` at `path` of the tree, if nothing is there; an object is merged member by member into an object that is there. Returns what
 * found no place, under the names it came with, or undefined. `depth` is that of `tree` itself.
 */
export function place(tree: Tree, path: readonly string[], json: string, depth = 0): Branch | undefined {
  if (depth + path.length > maxDepth) return ownLeaf(json);
  let node = tree;
  for (const name of path.slice(0, -1)) {
    const there = node.get(name);
    const next = there === undefined ? new Map<string, Branch>() : open(there);
    if (next === undefined) return ownLeaf(json);
    node.set(name, next);
    node = next;
  }
  const name = path.at(-1) ?? '';
  const there = node.get(name);
  if (there !== undefined) return mergeObject(node, name, there, json, depth + path.length);
  node.set(name, ownLeaf(json));
  return undefined;
}

function mergeObject(node: Tree, name: string, there: Branch, json: string, depth: number): Branch | undefined {
  const members = json.startsWith('{') ? splitMembers(json) : undefined;
  const inner = members && open(there);
  if (members === undefined || inner === undefined) return ownLeaf(json);
  node.set(name, inner);
  const left: Tree = new Map();
  for (const member of members) {
    const rest = place(inner, pathOf(member.key), member.json, depth);
    if (rest !== undefined) left.set(member.key, rest);
  }
  return left.size === 0 ? undefined : left;
}

/** What is there as an object to merge into: the agent's, or the line's own once it is taken apart. */
function open(there: Branch): Tree | undefined {
  if (there instanceof Map) return there;
  if (there.fixed || !there.json.startsWith('{')) return undefined;
  const members = splitMembers(there.json);
  return members && new Map(members.map(({ key, json }) => [key, ownLeaf(json)]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
