import type { ConfigProblem } from '../src/types/errors.js';
import { suggestion } from './did-you-mean.js';
import { printable, quote } from './mask.js';
import type { NamedOutput } from './output-names.js';
import { outputProblem } from './output-names.js';
import type { Default, Given, Layer } from './read-settings.js';
import type { Catalogue } from './schema.js';
import { hasFileTwin, outputPrefix, variablePrefix, yamlKey } from './schema.js';
import type { Vocabulary } from './vocabulary.js';
import { tableOf } from './vocabulary.js';
import type { YamlEntry, YamlFile, YamlOutput } from './yaml.js';

/** What the YAML file sets, as values by variable, so that it is one more layer below the environment. */
export interface YamlLayer {
  readonly values: Layer;
  readonly problems: readonly ConfigProblem[];
  /** From `outputs:` as a map: what PANNIER_OUTPUTS is unless the environment says otherwise, and which outputs the file describes. */
  readonly outputs: { readonly chosen: Default; readonly declared: readonly NamedOutput[] } | undefined;
  /** False: the file could not be understood; what seems to be missing may be in it. */
  readonly complete: boolean;
  /** Problems of keys that mean nothing, once it is known which do. */
  unknown(known: Vocabulary): readonly ConfigProblem[];
}

export const noYaml: YamlLayer = {
  values: new Map(),
  problems: [],
  outputs: undefined,
  complete: true,
  unknown: () => [],
};

export function layerOf(file: YamlFile, catalogue: Catalogue): YamlLayer {
  const values = new Map<string, Given>();
  const problems = [...file.problems];
  const declared: NamedOutput[] = [];
  const set = (variable: string, { raw, place }: YamlEntry, path: string): void => {
    if (raw === undefined) return;
    const where = `${place} ${printable(path)}`;
    const before = values.get(variable);
    if (before === undefined) values.set(variable, { raw, where, source: place });
    else problems.push({ where, problem: 'is given twice', suggestion: `first at ${before.source}` });
  };
  for (const entry of file.entries) {
    if (entry.key === 'config')
      problems.push({ where: `${entry.place} config`, problem: 'can not be set in the file itself' });
    else if (entry.key === entry.key.toLowerCase()) set(variableOf(entry.key), entry, entry.key);
  }
  for (const output of file.outputs?.named ?? []) {
    const type = output.type ?? output.name;
    const problem = outputProblem(output.name, type, catalogue);
    if (problem !== undefined) {
      problems.push({ where: `${output.place} outputs.${printable(output.name)}`, ...problem });
      continue;
    }
    declared.push({ name: output.name, type });
    const keys = keysOf(type, catalogue);
    for (const entry of output.entries) {
      // Not taken on: `b_url` of an output `a` would be the variable of an output `a-b`.
      if (!keys.has(entry.key)) {
        problems.push(unknownOutputKey(output, type, entry, keys));
        continue;
      }
      set(outputPrefix(output.name) + entry.key.toUpperCase(), entry, `outputs.${output.name}.${entry.key}`);
    }
  }
  // When all outputs of the file have problems, that there is none left is not one more.
  const noneLeft = declared.length === 0 && (file.outputs?.named.length ?? 0) > 0;
  return {
    values,
    problems,
    outputs:
      file.outputs === undefined || noneLeft ? undefined : { chosen: chosenBy(declared, file.outputs.place), declared },
    complete: file.understood,
    unknown: (known) => file.entries.filter(({ key }) => key !== 'config').flatMap((entry) => unknownKey(entry, known)),
  };
}

const variableOf = (key: string): string => variablePrefix + key.toUpperCase();

function chosenBy(declared: readonly NamedOutput[], place: string): Default {
  return {
    text: declared.map(({ name, type }) => (name === type ? name : `${name}=${type}`)).join(','),
    source: place,
  };
}

function unknownKey({ key, place }: YamlEntry, known: Vocabulary): ConfigProblem[] {
  if (key === key.toLowerCase() && known.has(variableOf(key))) return [];
  const keys = [...known.keys()].map((variable) => variable.slice(variablePrefix.length).toLowerCase());
  const lower = key.toLowerCase();
  const meant = keys.includes(lower) ? `did you mean ${lower}?` : suggestion(lower, keys);
  return [{ where: place, problem: `the key ${quote(key)} is not a setting`, suggestion: meant }];
}

/** The keys that an output of a type takes in the file. */
function keysOf(type: string, catalogue: Catalogue): ReadonlySet<string> {
  const settings = Object.values(tableOf(type, catalogue));
  const twins = settings.filter(hasFileTwin).map((setting) => `${yamlKey(setting)}_file`);
  return new Set([...settings.map(yamlKey), ...twins]);
}

function unknownOutputKey(
  { name }: YamlOutput,
  type: string,
  { key, place }: YamlEntry,
  keys: ReadonlySet<string>,
): ConfigProblem {
  return {
    where: `${place} outputs.${name}`,
    problem: `the key ${quote(key)} is not a setting of the output type ${type}`,
    suggestion: suggestion(key.toLowerCase(), ['type', ...keys]),
  };
}
