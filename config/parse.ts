import { resolve } from 'node:path';
import type { Setting } from '../src/types/setting.js';
import { mapOf, parseList, parseMap, parseMapFile } from './lists.js';
import { masked, maskText, maskUrl } from './mask.js';
import type { Flaw, Parsed } from './values.js';
import {
  hasControlCharacter,
  parseChoice,
  parseDuration,
  parseFlag,
  parseInteger,
  parseSize,
  parseUrl,
} from './values.js';

/** A value as it was given: text (environment, file, YAML), or a list or map in YAML's own form. */
export type Raw =
  | { readonly form: 'text'; readonly text: string }
  | { readonly form: 'list'; readonly items: readonly string[] }
  | { readonly form: 'map'; readonly entries: readonly (readonly [string, string])[] };

export type Value = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

export interface ParseContext {
  /** What relative paths begin at. */
  readonly cwd: string;
  /** The text is the content of an `X_FILE`. */
  readonly fromFile: boolean;
}

/** Reads a value by its setting: form, bounds, then the setting's own check. The flaw never holds a secret. */
export function parseSetting(setting: Setting<unknown>, raw: Raw, context: ParseContext): Parsed<Value> {
  const parsed = parseForm(setting, raw, context);
  if ('problem' in parsed) return parsed;
  return outOfBounds(setting, parsed.value) ?? refusedByCheck(setting, parsed.value) ?? parsed;
}

function parseForm(setting: Setting<unknown>, raw: Raw, context: ParseContext): Parsed<Value> {
  switch (setting.kind) {
    case 'list':
      return listOf(raw);
    case 'urls':
      return urlsOf(raw);
    case 'map':
    case 'secret-map':
      return fieldsOf(raw, context);
    case 'text':
    case 'secret':
    case 'size':
    case 'duration':
    case 'integer':
    case 'flag':
    case 'choice':
    case 'path':
      if (raw.form !== 'text') return { problem: `takes one value, not a ${raw.form}` };
      if (hasControlCharacter(raw.text)) return controlCharacter(setting);
      return parseScalar(setting, raw.text, context.cwd);
  }
}

function controlCharacter(setting: Setting<unknown>): Flaw {
  return {
    problem: 'has a line end or another control character in it',
    suggestion: setting.kind === 'secret' ? 'of a file with the value, one line end at the end is cut' : undefined,
  };
}

function parseScalar(setting: Setting<unknown>, raw: string, cwd: string): Parsed<Value> {
  const text = raw.trim();
  switch (setting.kind) {
    case 'secret':
      return { value: raw };
    case 'size':
      return parseSize(text);
    case 'duration':
      return parseDuration(text);
    case 'integer':
      return parseInteger(text);
    case 'flag':
      return parseFlag(text);
    case 'choice':
      return parseChoice(text, setting.choices ?? [], setting.prefixes ?? []);
    case 'path':
      return { value: resolve(cwd, text) };
    case 'text':
    case 'list':
    case 'urls':
    case 'map':
    case 'secret-map':
      return { value: text };
  }
}

function listOf(raw: Raw): Parsed<readonly string[]> {
  if (raw.form === 'map') return { problem: 'takes a list, not a map' };
  const items =
    raw.form === 'text' ? parseList(raw.text) : { value: raw.items.map((item) => item.trim()).filter(Boolean) };
  if ('problem' in items || !items.value.some(hasControlCharacter)) return items;
  return { problem: 'has a line end or another control character in it', suggestion: 'separate the items by commas' };
}

function urlsOf(raw: Raw): Parsed<readonly string[]> {
  const items = listOf(raw);
  if ('problem' in items) return items;
  if (items.value.length === 0) return { problem: 'names no URL' };
  for (const [index, item] of items.value.entries()) {
    const url = parseUrl(item);
    if (!('problem' in url)) continue;
    return { ...url, problem: items.value.length === 1 ? url.problem : `item ${index + 1} ${url.problem}` };
  }
  return items;
}

function fieldsOf(raw: Raw, { fromFile }: ParseContext): Parsed<Readonly<Record<string, string>>> {
  if (raw.form === 'list') return { problem: 'takes a map, not a list' };
  if (raw.form === 'map') return mapOf(raw.entries);
  return fromFile ? parseMapFile(raw.text) : parseMap(raw.text);
}

/** Bounds are written as people write values, and read by the same parser. */
function outOfBounds(setting: Setting<unknown>, value: Value): Flaw | undefined {
  if (typeof value !== 'number') return undefined;
  const { min, max } = setting;
  const bound = (text: string): number => {
    const parsed = parseScalar(setting, text, '/');
    return 'value' in parsed && typeof parsed.value === 'number' ? parsed.value : NaN;
  };
  if (min !== undefined && value < bound(min)) return { problem: 'is too small', suggestion: `at least ${min}` };
  if (max !== undefined && value > bound(max)) return { problem: 'is too large', suggestion: `at most ${max}` };
  return undefined;
}

function refusedByCheck(setting: Setting<unknown>, value: Value): Flaw | undefined {
  const message = setting.check?.(value);
  return message === undefined ? undefined : { problem: withoutSecrets(setting, value, message) };
}

/** What the setting's `checkLater` finds in a value in which nothing else was found. */
export async function refusedLater(setting: Setting<unknown>, value: Value): Promise<Flaw | undefined> {
  const message = await setting.checkLater?.(value);
  return message === undefined ? undefined : { problem: withoutSecrets(setting, value, message) };
}

/** A check may quote the value that it was given. */
function withoutSecrets(setting: Setting<unknown>, value: Value, message: string): string {
  if (setting.kind === 'secret' || setting.kind === 'secret-map') {
    const secrets = typeof value === 'string' ? [value] : Object.values(value);
    return secrets.some((secret) => message.includes(String(secret))) ? 'is not acceptable' : message;
  }
  if (!isList(value)) return maskText(message);
  return maskText(value.reduce((text, item) => text.replaceAll(item, maskUrl(item)), message));
}

/** A value as the listing shows it: as it was written, secrets masked. */
export function display(setting: Setting<unknown>, raw: Raw, parsed: Value | undefined): string {
  switch (setting.kind) {
    case 'secret':
      return masked;
    case 'secret-map':
      return parsed === undefined
        ? masked
        : Object.keys(parsed)
            .map((key) => `${key}=${masked}`)
            .join(',');
    case 'urls':
      return parsed !== undefined && isList(parsed) ? parsed.map(maskUrl).join(',') : masked;
    case 'text':
    case 'size':
    case 'duration':
    case 'integer':
    case 'flag':
    case 'choice':
    case 'list':
    case 'map':
    case 'path':
      return maskText(written(raw));
  }
}

function written(raw: Raw): string {
  if (raw.form === 'text') return raw.text.trim();
  return raw.form === 'list' ? raw.items.join(',') : raw.entries.map(([key, value]) => `${key}=${value}`).join(',');
}

const isList = (value: Value): value is readonly string[] => Array.isArray(value);
