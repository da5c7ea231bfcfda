import { resolve } from 'node:path';
import { printable } from './mask.js';
import type { ReadFile } from './read-file.js';
import { describeReadError } from './read-file.js';
import type { Default, Given, Layer } from './read-settings.js';
import type { Catalogue } from './schema.js';
import { variablePrefix } from './schema.js';
import { parseTimezone } from './values.js';
import type { YamlLayer } from './yaml-layer.js';
import { layerOf, noYaml } from './yaml-layer.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of ours that have a value: an empty one is unset (contract, "Values"). */
export function environmentLayer(env: Environment): Layer {
  const layer = new Map<string, Given>();
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(variablePrefix) || text === undefined || text.trim() === '') continue;
    layer.set(variable, { raw: { form: 'text', text }, where: variable, source: variable });
  }
  return layer;
}

/** The YAML file that PANNIER_CONFIG names, and the files that were tried. */
export async function yamlLayer(
  config: Given | undefined,
  { catalogue, readFile, cwd }: { readonly catalogue: Catalogue; readonly readFile: ReadFile; readonly cwd: string },
): Promise<YamlLayer & { readonly files: readonly string[] }> {
  if (config?.raw.form !== 'text') return { ...noYaml, files: [] };
  const name = config.raw.text.trim();
  const path = resolve(cwd, name);
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    const problems = [
      { where: `${config.where} (${printable(path)})`, problem: `the file ${describeReadError(error)}` },
    ];
    return { ...noYaml, problems, files: [path], complete: false };
  }
  // Most installations have no file: they do not pay for the parser.
  const { readYaml } = await import('./yaml.js');
  return { ...layerOf(readYaml(text, printable(name)), catalogue), files: [path] };
}

/** `TZ` belongs to the whole container and may hold what only the C library understands: then it is UTC. */
export function timezoneDefault({ TZ: zone = '' }: Environment): Default {
  const known = zone !== '' && 'value' in parseTimezone(zone);
  return known ? { text: zone, source: 'TZ' } : { text: 'UTC', source: 'default' };
}
