import { resolve } from 'node:path';
import type { ConfigProblem } from '../src/types/errors.js';
import type { Setting, ValuesOf } from '../src/types/setting.js';
import type { Raw, Value } from './parse.js';
import { display, parseSetting, refusedLater } from './parse.js';
import { printable } from './mask.js';
import type { ReadFile } from './read-file.js';
import { describeReadError } from './read-file.js';
import type { SettingsTable } from './schema.js';
import { canBeOff, hasFileTwin } from './schema.js';

/** A value that was given for a variable. */
export interface Given {
  readonly raw: Raw;
  /** Where problems with it are: the variable, or the place in the YAML file with the key. */
  readonly where: string;
  /** What the listing names as its source. */
  readonly source: string;
}

/** Values by variable: the environment, or the YAML file. */
export type Layer = ReadonlyMap<string, Given>;

/** One line of `pannier config`. */
export interface ListedSetting {
  readonly variable: string;
  /** As it was written, secrets masked; undefined: not given, and there is no default. */
  readonly value: string | undefined;
  /** `default`, `PANNIER_X`, `PANNIER_X_FILE (path)` or `file:line:column`. */
  readonly source: string;
}

export interface Default {
  readonly text: string;
  readonly source: string;
}

export interface TableOptions {
  /** The variables' prefix. */
  readonly prefix: string;
  /** Defaults other than the table's, by key of the table. */
  readonly defaults?: ReadonlyMap<string, Default>;
  /** The variable that names a file with the value of this one; undefined when another setting has that very name. */
  readonly twinOf?: (variable: string) => string | undefined;
  /** Whether a missing value is a problem: not when a layer could not be read. */
  readonly demandRequired: boolean;
}

/**
 * Reads tables of settings from layers, the first of which wins, and remembers what it met: all problems, the listing, the files that hold
 * values, and what goes into the hash.
 */
export class SettingsReader {
  readonly problems: ConfigProblem[] = [];
  readonly listing: ListedSetting[] = [];
  readonly files: string[] = [];
  /** Values by variable without any secret. */
  readonly hashed: (readonly [string, unknown])[] = [];
  readonly #places = new Map<string, string>();
  readonly #layers: readonly Layer[];
  readonly #readFile: ReadFile;
  readonly #cwd: string;

  constructor(layers: readonly Layer[], readFile: ReadFile, cwd: string) {
    this.#layers = layers;
    this.#readFile = readFile;
    this.#cwd = cwd;
  }

  /** Where the value of a variable was given; the variable itself when it has its default. */
  where(variable: string): string {
    return this.#places.get(variable) ?? variable;
  }

  isGiven(variable: string): boolean {
    return this.#places.has(variable);
  }

  /** The text that was given for a variable and is well, with its source. */
  given(variable: string): Default | undefined {
    const found = this.isGiven(variable) ? this.listing.find((each) => each.variable === variable) : undefined;
    return found?.value === undefined ? undefined : { text: found.value, source: found.source };
  }

  /**
   * The values of a table. A value with a problem is replaced by its default, so that the checks that follow see something sound: only when
   * `problems` is empty in the end do the values count.
   */
  async table<Table extends SettingsTable>(table: Table, options: TableOptions): Promise<ValuesOf<Table>> {
    const values = new Map<string, Value | undefined>();
    for (const [key, setting] of Object.entries(table)) values.set(key, await this.#read(key, setting, options));
    // The one place where kinds become types: each `Setting<T>` constructor pairs its kind with what `parseSetting` returns for it.
    return Object.fromEntries(values) as ValuesOf<Table>;
  }

  async #read(key: string, setting: Setting<unknown>, options: TableOptions): Promise<Value | undefined> {
    const variable = options.prefix + setting.env;
    const found = await this.#find(variable, setting, options);
    const standard = this.#default(key, setting, options);
    if (found === undefined) {
      if (setting.required && options.demandRequired && !this.isGiven(variable)) {
        this.problems.push({ where: variable, problem: 'is required', suggestion: firstSentence(setting.doc) });
      }
      this.#list(setting, variable, standard.shown, standard.source, standard.value);
      return standard.value;
    }
    const { given, fromFile } = found;
    if (canBeOff.includes(setting) && given.raw.form === 'text' && given.raw.text.trim() === 'off') {
      this.#list(setting, variable, 'off', given.source, undefined);
      return undefined;
    }
    const read = parseSetting(setting, given.raw, { cwd: this.#cwd, fromFile });
    const parsed = ('problem' in read ? undefined : await refusedLater(setting, read.value)) ?? read;
    if ('problem' in parsed) {
      this.problems.push({ where: given.where, ...parsed });
      this.#list(setting, variable, display(setting, given.raw, undefined), given.source, undefined);
      return standard.value;
    }
    this.#list(setting, variable, display(setting, given.raw, parsed.value), given.source, parsed.value);
    return parsed.value;
  }

  #default(key: string, setting: Setting<unknown>, { defaults }: TableOptions) {
    const { text, source } = defaults?.get(key) ?? { text: setting.default, source: 'default' };
    if (text === undefined) return { shown: undefined, source, value: undefined };
    const raw: Raw = { form: 'text', text };
    const parsed = parseSetting(setting, raw, { cwd: this.#cwd, fromFile: false });
    const value = 'problem' in parsed ? undefined : parsed.value;
    return { shown: text === '' ? undefined : display(setting, raw, value), source, value };
  }

  #list(
    setting: Setting<unknown>,
    variable: string,
    shown: string | undefined,
    source: string,
    value: Value | undefined,
  ) {
    this.listing.push({ variable, value: shown, source });
    const secret = hasFileTwin(setting);
    if (!secret) this.hashed.push([variable, setting.kind === 'urls' ? shown : value]);
  }

  /** The value from the first layer that has one, by the variable or by its twin. */
  async #find(variable: string, setting: Setting<unknown>, { twinOf }: TableOptions) {
    const twin = hasFileTwin(setting) ? twinOf?.(variable) : undefined;
    for (const layer of this.#layers) {
      const given = layer.get(variable);
      const named = twin === undefined ? undefined : layer.get(twin);
      if (given === undefined && named === undefined) continue;
      this.#places.set(variable, (given ?? named)?.where ?? variable);
      if (given !== undefined && named !== undefined) {
        const problem = `is given twice: here, and as a file by ${named.where}`;
        this.problems.push({ where: given.where, problem, suggestion: 'remove one of them' });
      }
      if (given !== undefined) return { given, fromFile: false };
      const content = named === undefined ? undefined : await this.#readTwin(named);
      return content === undefined ? undefined : { given: content, fromFile: true };
    }
    return undefined;
  }

  async #readTwin({ raw, where, source }: Given): Promise<Given | undefined> {
    if (raw.form !== 'text') {
      this.problems.push({ where, problem: `takes the path of a file, not a ${raw.form}` });
      return undefined;
    }
    const path = resolve(this.#cwd, raw.text.trim());
    this.files.push(path);
    const place = `${where} (${printable(path)})`;
    try {
      const text = (await this.#readFile(path)).replace(/\r?\n$/, '');
      if (text.trim() !== '')
        return { raw: { form: 'text', text }, where: place, source: `${source} (${printable(path)})` };
      this.problems.push({ where: place, problem: 'the file is empty' });
    } catch (error) {
      this.problems.push({ where: place, problem: `the file ${describeReadError(error)}` });
    }
    return undefined;
  }
}

const firstSentence = (doc: string): string => /^.*?\.(?=\s|$)/s.exec(doc)?.[0] ?? doc;
