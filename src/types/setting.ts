/**
 * Declarations of settings. One entry of a table yields the environment variable, the YAML key, validation, the default and the reference
 * page; `config/` reads values by these declarations. Declaring is free of I/O and of dependencies, so an output's table loads with the program
 * while its SDK does not.
 */
export type SettingKind =
  | 'text'
  | 'secret'
  | 'size'
  | 'duration'
  | 'integer'
  | 'flag'
  | 'choice'
  | 'list'
  | 'map'
  | 'secret-map'
  | 'urls'
  | 'path';

export interface Setting<T> {
  readonly kind: SettingKind;
  /** Name without the prefix: `DRAIN_TIMEOUT` of `PANNIER_DRAIN_TIMEOUT`; of an output's setting `URL` of `PANNIER_ELASTICSEARCH_URL`. */
  readonly env: string;
  /** As a person would write it; undefined: no default, the value is undefined unless given. */
  readonly default: string | undefined;
  /** What it means, in one or two sentences; shown in the reference and by `pannier config`. */
  readonly doc: string;
  /** An error when it is not given. */
  readonly required: boolean;
  /** Bounds as a person would write them (`1KiB`, `10s`, `1`). */
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly choices: readonly string[] | undefined;
  /** What else a choice may begin with, text of one's own behind it: `regex:`. */
  readonly prefixes: readonly string[] | undefined;
  /** A further check on the parsed value: undefined when it is well, else what is wrong and what to do. */
  check?(value: T): string | undefined;
  /** The same for a check that has to load something first; it is asked when the others found nothing. */
  checkLater?(value: T): Promise<string | undefined>;
}

interface Options<T> {
  readonly env: string;
  readonly doc: string;
  readonly required?: boolean;
  readonly min?: string;
  readonly max?: string;
  readonly check?: (value: T) => string | undefined;
  readonly checkLater?: (value: T) => Promise<string | undefined>;
}
type WithDefault<T> = Options<T> & { readonly default: string };

function declare<T>(
  kind: SettingKind,
  options: Options<T> & {
    readonly default?: string;
    readonly choices?: readonly string[];
    readonly prefixes?: readonly string[];
  },
): Setting<T> {
  return {
    kind,
    env: options.env,
    default: options.default,
    doc: options.doc,
    required: options.required ?? false,
    min: options.min,
    max: options.max,
    choices: options.choices,
    prefixes: options.prefixes,
    ...(options.check === undefined ? {} : { check: options.check }),
    ...(options.checkLater === undefined ? {} : { checkLater: options.checkLater }),
  };
}

/** A setting with a default, or a required one, always has a value; another is `undefined` when not given. */
type Declared<T, O> = O extends { readonly default: string } | { readonly required: true }
  ? Setting<T>
  : Setting<T | undefined>;

export const text = <const O extends Options<string> & { default?: string }>(o: O) =>
  declare('text', o) as unknown as Declared<string, O>;
export const secret = <const O extends Options<string>>(o: O) => declare('secret', o) as unknown as Declared<string, O>;
/** Bytes. */
export const size = <const O extends Options<number> & { default?: string }>(o: O) =>
  declare('size', o) as unknown as Declared<number, O>;
/** Milliseconds. */
export const duration = <const O extends Options<number> & { default?: string }>(o: O) =>
  declare('duration', o) as unknown as Declared<number, O>;
export const integer = <const O extends Options<number> & { default?: string }>(o: O) =>
  declare('integer', o) as unknown as Declared<number, O>;
/** `true` or `false`. */
export const flag = (o: WithDefault<boolean>) => declare('flag', o);
export const choice = <const O extends Options<string> & { default?: string; choices: readonly string[] }>(
  o: O & { readonly default?: O['choices'][number] },
) => declare('choice', o) as unknown as Declared<O['choices'][number], O>;
/** A choice, or text of one's own behind one of the prefixes. */
export const openChoice = (
  o: WithDefault<string> & { readonly choices: readonly string[]; readonly prefixes: readonly string[] },
) => declare('choice', o);
/** Comma-separated; an empty list when not given. */
export const list = (o: Options<readonly string[]> & { readonly default?: string }) =>
  declare('list', { default: '', ...o });
/** `key=value` comma-separated; an empty map when not given. */
export const map = (o: Options<Readonly<Record<string, string>>> & { readonly default?: string }) =>
  declare('map', { default: '', ...o });
/** A map whose values are secret (headers): masked, with an `_FILE` twin that may hold one `Name: value` per line. */
export const secretMap = (o: Options<Readonly<Record<string, string>>>) => declare('secret-map', { default: '', ...o });
/** Comma-separated http(s) URLs; credentials in a URL are a secret. */
export const urls = <const O extends Options<readonly string[]> & { default?: string }>(o: O) =>
  declare('urls', o) as unknown as Declared<readonly string[], O>;
/** A file system path, made absolute. */
export const path = <const O extends Options<string> & { default?: string }>(o: O) =>
  declare('path', o) as unknown as Declared<string, O>;

/** The values of a table of settings, by the table's keys. */
export type ValuesOf<Table extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer T> ? T : never;
};
