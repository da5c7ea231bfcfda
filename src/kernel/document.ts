import type { BatchWriter } from '../types/batch.js';
import type { Level, LogRecord, Member, Part } from '../types/record.js';
import { IsoTime } from './iso-time.js';
import { jsonString } from '../types/json-string.js';
import { mergeMembers, rootOf, type Merged } from './merge.js';
import { addMissing, copyBranch, fixedLeaf, jsonOf, treeOf, type Branch, type Tree } from './tree.js';

/** Root keys that are the agent's whether it sets them or not (contract, "Records"); those of its static members come on top. */
const agentRoots = ['@timestamp', 'message', 'log', 'error', 'host', 'service', 'kubernetes', 'ecs', 'fields'];
/** Written anew for each record; the other roots are static. */
const recordRoots = new Set(['@timestamp', 'message', 'log', 'error', 'fields']);

/**
 * Writes a record as the JSON document of the contract, on one line:
 *
 *     @timestamp, message, error, log {level, logger, file, offset, part}, the agent's static members, the line's own members, fields
 *
 * A line never overwrites what the agent says: its members under a root key of the agent are merged in where the agent sets nothing (a dotted name
 * counts as its nested form), and the rest of them moves to `fields`. `log.part` is the agent's also where a record is no part. Values are spliced
 * as the text they came in. The usual record has no such member: then nothing is built.
 */
export class DocumentWriter {
  readonly #statics: Tree;
  readonly #staticText: string;
  /** Static members at `log`, `error` and `fields`. */
  readonly #additions: Tree;
  readonly #roots: ReadonlySet<string>;
  /** Numbers of the roots that a member can lie under: a name with a dot in it is none of these. */
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #iso = new IsoTime();
  #path = '';
  #pathJson = '""';

  /**
   * `statics`: root members of the agent, JSON values, e.g. `{ service: { name: 'pay' }, team: 'payments' }`. Objects at `log`, `error` and `fields`
   * add to what is written there, at the cost of a merge per record; other values there, and any at `@timestamp` and `message`, have no effect.
   */
  constructor(statics: Readonly<Record<string, unknown>> = {}) {
    const tree = treeOf(statics);
    this.#statics = new Map([...tree].filter(([key]) => !recordRoots.has(key)));
    this.#staticText = [...this.#statics].map(([key, value]) => `,${jsonString(key)}:${jsonOf(value)}`).join('');
    this.#additions = new Map(
      [...tree].filter(([key, value]) => ['log', 'error', 'fields'].includes(key) && value instanceof Map),
    );
    this.#roots = new Set([...agentRoots, ...tree.keys()]);
    const reachable = [...this.#roots].filter((key) => rootOf(key) === key);
    this.#numbers = new Map(reachable.map((key, number) => [key, number]));
  }

  /** Root keys of the agent. */
  get roots(): ReadonlySet<string> {
    return this.#roots;
  }

  /** What the byte path has to know of the agent's names. */
  get names(): AgentNames {
    const isSet = (key: string): boolean => key === 'log' || key === 'error' || this.#statics.get(key) instanceof Map;
    return {
      // A line's `log` may be what the Docker driver writes.
      roots: [...this.#numbers.keys()].map((key) => ({
        key,
        isSet: isSet(key),
        asksAt: key === 'log' || key === 'fields',
        asksUnder: ['fields', '@timestamp', 'message'].includes(key) || (!isSet(key) && this.#statics.has(key)),
      })),
      taken: [
        ...logNames.map((name) => `log.${name}`),
        ...[...this.#statics].flatMap(([root, value]) =>
          value instanceof Map ? [...value.keys()].map((name) => `${root}.${name}`) : [],
        ),
      ],
    };
  }

  /** The document of a whole line of the file at `path` that needs no merge, as literals and pieces in order; undefined where each document needs one. */
  plainParts(path: string): readonly DocumentPart[] | undefined {
    if (this.#additions.size > 0) return undefined;
    // A line's member in an object of the agent goes behind a comma.
    if ([...this.#statics.values()].some((value) => value instanceof Map && value.size === 0)) return undefined;
    const under = (key: string): DocumentPart[] => {
      const number = this.#numbers.get(key);
      return number === undefined ? [] : [{ under: number }];
    };
    return [
      { literal: documentStart },
      'time',
      { literal: '"' },
      'message',
      { literal: errorStart, root: this.#numbers.get('error') ?? 0 },
      { literal: logStart },
      'level',
      { literal: `${fileStart}${jsonString(path)}${offsetStart}` },
      'start',
      ...under('log'),
      { literal: '}' },
      ...[...this.#statics].flatMap(([key, value]): DocumentPart[] => {
        const start = `,${jsonString(key)}:`;
        if (!(value instanceof Map)) return [{ literal: `${start}${jsonOf(value)}` }];
        return [{ literal: `${start}${jsonOf(value).slice(0, -1)}` }, ...under(key), { literal: '}' }];
      }),
      'members',
      { literal: '}' },
    ];
  }

  write(record: LogRecord, out: BatchWriter): void {
    out.text(documentStart);
    // Digits and letters of a parser or of ours: nothing to escape.
    out.text(record.timeText === '' ? this.#iso.format(record.timeMs) : record.timeText);
    out.text('"');
    if (record.message !== null) {
      out.text(messageStart);
      if (record.message === undefined) out.jsonBytes(record.text, record.from, record.to);
      else out.jsonString(record.message);
    }

    const merged = this.#merge(record);
    if (merged === undefined) this.#writePlainly(record, out);
    else this.#writeMerged(record, merged, out);
    out.text('}');
  }

  #writePlainly(record: LogRecord, out: BatchWriter): void {
    if (record.errorMessage !== undefined) {
      out.text(',"error":{"message":');
      out.jsonString(record.errorMessage);
      out.text('}');
    }
    out.text(logStart);
    if (record.level !== undefined) out.text(levelTexts[record.level]);
    if (record.logger !== undefined) {
      out.text(loggerStart);
      out.jsonString(record.logger);
      out.text(',');
    }
    out.text(fileStart);
    out.text(this.#pathText(record.file.path));
    out.text(offsetStart);
    out.digits(record.start);
    if (record.part !== undefined) out.text(`,"part":${partJson(record.part)}`);
    out.text('}');
    out.text(this.#staticText);
    for (const { key, json } of record.members) writeMember(out, key, json);
  }

  #writeMerged(record: LogRecord, { roots, rest, fields }: Merged, out: BatchWriter): void {
    for (const root of ['error', 'log']) {
      const value = roots.get(root) ?? this.#valueOf(root, record);
      if (value instanceof Map && (value.size > 0 || roots.has(root))) writeMember(out, root, jsonOf(value));
    }
    for (const [root, value] of this.#statics) writeMember(out, root, jsonOf(roots.get(root) ?? value));
    for (const member of rest) {
      if (typeof member !== 'string') writeMember(out, member.key, member.json);
      else writeMember(out, member, jsonOf(roots.get(member) ?? new Map()));
    }
    if (fields.size > 0) writeMember(out, 'fields', jsonOf(fields));
  }

  #merge(record: LogRecord): Merged | undefined {
    if (this.#additions.size === 0 && !record.members.some(this.#isUnderRoot)) return undefined;
    return mergeMembers(record.members, {
      isRoot: (key) => this.#roots.has(key),
      valueOf: (root) => this.#valueOf(root, record),
    });
  }

  readonly #isUnderRoot = ({ key }: Member): boolean => this.#roots.has(rootOf(key));

  /** What the agent says under a root key in this record; a copy. Undefined: nothing, and a line may. */
  #valueOf(root: string, record: LogRecord): Branch | undefined {
    if (!recordRoots.has(root)) {
      const value = this.#statics.get(root);
      return value && copyBranch(value);
    }
    if (root === '@timestamp' || root === 'message') return fixedLeaf('');
    const tree =
      root === 'log' ? this.#logTree(record) : root === 'error' ? errorTree(record) : new Map<string, Branch>();
    const additions = this.#additions.get(root);
    if (additions instanceof Map) addMissing(tree, additions);
    return tree;
  }

  #logTree({ level, logger, file, start, part }: LogRecord): Tree {
    const tree: Tree = new Map();
    if (level !== undefined) tree.set('level', fixedLeaf(`"${level}"`));
    if (logger !== undefined) tree.set('logger', fixedLeaf(jsonString(logger)));
    tree.set('file', new Map([['path', fixedLeaf(this.#pathText(file.path))]]));
    tree.set('offset', fixedLeaf(`${start}`));
    return tree.set('part', fixedLeaf(part === undefined ? '' : partJson(part)));
  }

  /** Records mostly come in runs of one file. */
  #pathText(path: string): string {
    if (path !== this.#path) {
      this.#path = path;
      this.#pathJson = jsonString(path);
    }
    return this.#pathJson;
  }
}

/**
 * A piece of a document that differs between the lines of a file: also a line's own members under the root of that number, in an object that is
 * there, or in one that is begun by the literal when there are any.
 */
export type DocumentPart =
  | { readonly literal: string; readonly root?: number }
  | { readonly under: number }
  | 'time'
  | 'message'
  | 'level'
  | 'start'
  | 'members';

/** Names of the agent that a line's members meet. A root has the number of its place. */
export interface AgentNames {
  readonly roots: readonly AgentRoot[];
  /** Dotted names that the agent has a value for. */
  readonly taken: readonly string[];
}

export interface AgentRoot {
  readonly key: string;
  /** The agent writes an object there, or has a place for one. */
  readonly isSet: boolean;
  /** What a line has at this key, or under it, is for the object path. */
  readonly asksAt: boolean;
  readonly asksUnder: boolean;
}

/** What the agent keeps for itself under `log`. */
const logNames = ['level', 'file', 'offset', 'part'];
const errorStart = ',"error":';
const documentStart = '{"@timestamp":"';
export const messageStart = ',"message":';
const logStart = ',"log":{';
const loggerStart = '"logger":';
const fileStart = '"file":{"path":';
const offsetStart = '},"offset":';

export const levelTexts: Readonly<Record<Level, string>> = {
  trace: '"level":"trace",',
  debug: '"level":"debug",',
  info: '"level":"info",',
  warn: '"level":"warn",',
  error: '"level":"error",',
  fatal: '"level":"fatal",',
};

const errorTree = ({ errorMessage }: LogRecord): Tree =>
  new Map(errorMessage === undefined ? [] : [['message', fixedLeaf(jsonString(errorMessage))]]);

const partJson = ({ offset, index, last }: Part): string => `{"offset":${offset},"index":${index},"last":${last}}`;

/** A value may have line ends between its tokens (never inside strings); the document is one line. */
function writeMember(out: BatchWriter, key: string, json: string): void {
  out.text(',');
  out.jsonString(key);
  out.text(':');
  out.text(json.includes('\n') || json.includes('\r') ? json.replace(/[\n\r]/g, ' ') : json);
}
