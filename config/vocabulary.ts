import type { ConfigProblem } from '../src/types/errors.js';
import type { Setting } from '../src/types/setting.js';
import { closest } from './did-you-mean.js';
import { printable } from './mask.js';
import type { NamedOutput } from './output-names.js';
import { isServiceLink } from './output-names.js';
import type { Catalogue, SettingsTable } from './schema.js';
import { globalSettings, hasFileTwin, outputPrefix, outputSettings, variablePrefix } from './schema.js';

/** What a variable means. */
export interface Known {
  readonly setting: Setting<unknown>;
  /** Name of the output; '' of a global setting. */
  readonly output: string;
  /** The variable names a file with the value (`X_FILE`). */
  readonly twin: boolean;
  /** The output is in use. */
  readonly used: boolean;
}

export type Vocabulary = ReadonlyMap<string, Known>;

/** Own settings first: where a type should ever redeclare a common one, its own counts. */
export const tableOf = (type: string, catalogue: Catalogue): SettingsTable => ({
  ...outputSettings,
  ...(Object.hasOwn(catalogue, type) ? catalogue[type]?.settings : {}),
});

/**
 * Every variable that has a meaning: the global ones, those of the outputs in use, of those that the YAML file has besides, and of every
 * type under its own name, so that settings of an output may stay while it is switched off.
 */
export function vocabulary(
  used: readonly NamedOutput[],
  besides: readonly NamedOutput[],
  catalogue: Catalogue,
): { readonly known: Vocabulary; readonly problems: readonly ConfigProblem[] } {
  const known = new Map<string, Known>();
  const problems: ConfigProblem[] = [];
  const add = (prefix: string, table: SettingsTable, output: string, isUsed: boolean): void => {
    for (const setting of Object.values(table)) {
      const variable = prefix + setting.env;
      const before = known.get(variable);
      if (before === undefined) known.set(variable, { setting, output, twin: false, used: isUsed });
      else if (isUsed && before.used) {
        const problem = `means a setting of the output ${before.output} and one of the output ${output}`;
        problems.push({ where: variable, problem, suggestion: 'call one of them by another name' });
      }
    }
  };
  add(variablePrefix, globalSettings, '', true);
  for (const { name, type } of used) add(outputPrefix(name), tableOf(type, catalogue), name, true);
  const types = Object.keys(catalogue).map((type) => ({ name: type, type }));
  for (const { name, type } of [...besides, ...types]) add(outputPrefix(name), tableOf(type, catalogue), name, false);
  // Last, because an exact name always wins over the reading as a twin.
  for (const [variable, meaning] of [...known]) {
    if (!hasFileTwin(meaning.setting)) continue;
    const twin = `${variable}_FILE`;
    if (!known.has(twin)) known.set(twin, { ...meaning, twin: true });
  }
  return { known, problems };
}

/** The problem of a variable of the environment that means nothing; undefined when it does, or when Kubernetes has set it. */
export function unknownVariable(variable: string, known: Vocabulary, catalogue: Catalogue): ConfigProblem | undefined {
  if (known.has(variable) || isServiceLink(variable)) return undefined;
  const suggestion = suggestVariable(variable, known) ?? suggestOutput(variable, catalogue);
  return { where: printable(variable), problem: 'is not a setting', suggestion };
}

function suggestVariable(variable: string, known: Vocabulary): string | undefined {
  const name = variable.slice(variablePrefix.length);
  const names = [...known.keys()].map((each) => each.slice(variablePrefix.length));
  const found = names.includes(name.toUpperCase()) ? name.toUpperCase() : closest(name, names);
  return found === undefined ? undefined : `did you mean ${variablePrefix}${found}?`;
}

/** `PANNIER_AUDIT_URL` without an output `audit`. */
function suggestOutput(variable: string, catalogue: Catalogue): string | undefined {
  const name = variable.slice(variablePrefix.length);
  for (const type of Object.keys(catalogue)) {
    for (const { env } of Object.values(tableOf(type, catalogue))) {
      if (!name.endsWith(`_${env}`)) continue;
      const output = name
        .slice(0, -env.length - 1)
        .toLowerCase()
        .replaceAll('_', '-');
      if (!/^[a-z][a-z0-9-]*$/.test(output)) continue;
      const named = Object.hasOwn(catalogue, output) ? output : `${output}=<type>`;
      return `for an output called ${output}, PANNIER_OUTPUTS has to name it, as in ${named}`;
    }
  }
  return undefined;
}
