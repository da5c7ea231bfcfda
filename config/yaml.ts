import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, ErrorCode, Node, Pair, YAMLMap } from 'yaml';
import type { ConfigProblem } from '../src/types/errors.js';
import { quote } from './mask.js';
import type { Raw } from './parse.js';

/**
 * The YAML file, as far as its form goes: keys with their values and places. What the keys mean is decided by who asks. Loaded only when
 * PANNIER_CONFIG is set. No message quotes a value: it may be a secret.
 */
export interface YamlFile {
  readonly entries: readonly YamlEntry[];
  /** `outputs:` as a map, in its order, and its place; undefined when it is not there or is a list, which is among `entries` then. */
  readonly outputs: { readonly place: string; readonly named: readonly YamlOutput[] } | undefined;
  readonly problems: readonly ConfigProblem[];
  /** False: the file could not be understood at all, so that nothing is known of what it sets. */
  readonly understood: boolean;
}

export interface YamlEntry {
  readonly key: string;
  /** undefined: nothing was given (`key:`). */
  readonly raw: Raw | undefined;
  /** `file:line:column` of the key. */
  readonly place: string;
}

export interface YamlOutput {
  readonly name: string;
  /** undefined: as the name. */
  readonly type: string | undefined;
  readonly place: string;
  readonly entries: readonly YamlEntry[];
}

/** As many as a person would write; each is looked up once, so that a file of aliases costs no more than its size. */
const maxAliases = 100;
/** Of a broken file the first errors tell what is wrong; the others follow from them. */
const maxSyntaxProblems = 3;

/** Reads a YAML file's text. `file` is the name that places begin with. Never throws. */
export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const fail = (offset: number, problem: string): YamlFile => ({
    entries: [],
    outputs: undefined,
    problems: [{ where: place(offset), problem }],
    understood: false,
  });
  // Pretty errors quote the line. Keys are compared by the reader below: the library compares each with each.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0) {
    const problems = flaws.slice(0, maxSyntaxProblems).map(({ code, pos: [offset] }) => ({
      where: place(offset),
      problem: syntaxProblems.get(code) ?? 'is not valid YAML',
    }));
    return { entries: [], outputs: undefined, problems, understood: false };
  }
  let aliases = 0;
  visit(document, { Alias: () => ((aliases += 1) > maxAliases ? visit.BREAK : undefined) });
  if (aliases > maxAliases) return fail(0, `has too many aliases: at most ${maxAliases}`);
  const reader = new Reader(document, place);
  const root = reader.node(document.contents);
  if (isNothing(root)) return { entries: [], outputs: undefined, problems: [], understood: true };
  if (!isMap(root)) return fail(root?.range?.[0] ?? 0, 'is not a map of settings (key: value)');
  return reader.file(root);
}

const syntaxProblems = new Map<ErrorCode, string>([
  ['BAD_INDENT', 'is not indented as YAML needs it, or a bracket is not closed'],
  ['BAD_SCALAR_START', 'begins with a character that needs quotes around the value'],
  ['BAD_DQ_ESCAPE', 'has an unknown escape in double quotes: use single quotes'],
  ['BLOCK_AS_IMPLICIT_KEY', 'has a second key on the line, or is indented too far'],
  ['MISSING_CHAR', 'lacks a closing quote, a bracket, or the ":" after a key'],
  ['MULTILINE_IMPLICIT_KEY', 'has a key over several lines; is it indented too far?'],
  ['MULTIPLE_DOCS', 'begins a second document: a file holds one'],
  ['RESOURCE_EXHAUSTION', 'is nested too deeply'],
  ['TAB_AS_INDENT', 'is indented by a tab: use blanks'],
  ['TAG_RESOLVE_FAILED', 'has an unknown tag (!…)'],
]);

class Reader {
  readonly #problems: ConfigProblem[] = [];
  readonly #document: Document.Parsed;
  readonly #place: (offset: number) => string;

  constructor(document: Document.Parsed, place: (offset: number) => string) {
    this.#document = document;
    this.#place = place;
  }

  file(root: YAMLMap): YamlFile {
    const entries: YamlEntry[] = [];
    let outputs: YamlFile['outputs'];
    for (const { key, value, place } of this.#pairs(root)) {
      const node = this.node(value);
      if (key === 'outputs' && isMap(node))
        outputs = { place, named: this.#pairs(node).map((pair) => this.#output(pair)) };
      else entries.push({ key, raw: this.#raw(key, node, place), place });
    }
    return { entries, outputs, problems: this.#problems, understood: true };
  }

  /** The node itself, or what an alias stands for; undefined: nothing. */
  node(value: unknown): Node | undefined {
    if (!isAlias(value)) return isScalar(value) || isMap(value) || isSeq(value) ? value : undefined;
    const target = value.resolve(this.#document);
    if (target === undefined) {
      const where = this.#place(value.range?.[0] ?? 0);
      this.#problems.push({ where, problem: `the alias ${quote(value.source)} stands for nothing above it` });
    }
    return target;
  }

  #output({ key: name, value, place }: KeyedNode): YamlOutput {
    const node = this.node(value);
    const settings = isMap(node) ? this.#pairs(node) : [];
    if (!isMap(node) && !isNothing(node)) {
      this.#problems.push({
        where: `${place} outputs.${name}`,
        problem: 'is not a map of settings',
        suggestion: 'write type: and its settings below the name',
      });
    }
    const entries = settings.map((pair) => ({
      key: pair.key,
      raw: this.#raw(`outputs.${name}.${pair.key}`, this.node(pair.value), pair.place),
      place: pair.place,
    }));
    const type = entries.find(({ key }) => key === 'type')?.raw;
    return {
      name,
      type: type?.form === 'text' ? type.text.trim() : undefined,
      place,
      entries: entries.filter(({ key }) => key !== 'type'),
    };
  }

  /** The entries of a map with keys of text; a key that comes again is a problem and is left out. */
  #pairs(map: YAMLMap): KeyedNode[] {
    const found = new Map<string, KeyedNode>();
    for (const pair of map.items) {
      const offset = startOf(pair);
      const place = this.#place(offset);
      const key = textOf(this.node(pair.key));
      const before = key === undefined ? undefined : found.get(key);
      if (key === undefined) this.#problems.push({ where: place, problem: 'has a key that is not text' });
      else if (before === undefined) found.set(key, { key, value: pair.value, place });
      else
        this.#problems.push({
          where: place,
          problem: `the key ${quote(key)} is given twice`,
          suggestion: `first at ${before.place}`,
        });
    }
    return [...found.values()];
  }

  #raw(path: string, node: Node | undefined, place: string): Raw | undefined {
    if (isNothing(node)) return undefined;
    const text = textOf(node);
    if (text !== undefined) return text.trim() === '' ? undefined : { form: 'text', text };
    if (isSeq(node)) {
      const items = node.items.map((item) => textOf(this.node(item)));
      if (items.every((item) => item !== undefined)) return { form: 'list', items };
    }
    if (isMap(node)) {
      const entries = this.#pairs(node).map(({ key, value }): [string, string | undefined] => [
        key,
        this.#mapValue(value),
      ]);
      const whole = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
      if (whole.length === entries.length) return { form: 'map', entries: whole };
    }
    this.#problems.push({ where: `${place} ${path}`, problem: 'is neither a value nor a plain list or map of values' });
    return undefined;
  }

  #mapValue(value: unknown): string | undefined {
    const node = this.node(value);
    return isNothing(node) ? '' : textOf(node);
  }
}

interface KeyedNode {
  readonly key: string;
  readonly value: unknown;
  readonly place: string;
}

const isNothing = (node: Node | undefined): boolean => node === undefined || (isScalar(node) && node.value === null);

/** A scalar as it was written: `010`, `1e3` and `0x10` stay what they are and meet the rules of the setting. */
function textOf(node: Node | undefined): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  if (typeof node.value === 'number' || typeof node.value === 'boolean' || typeof node.value === 'bigint') {
    return node.source ?? String(node.value);
  }
  return undefined;
}

const startOf = ({ key }: Pair): number =>
  isScalar(key) || isAlias(key) || isMap(key) || isSeq(key) ? (key.range?.[0] ?? 0) : 0;
