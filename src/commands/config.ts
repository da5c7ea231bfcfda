import { readConfiguration } from '../../config/load.js';
import { printable } from '../../config/mask.js';
import { readConfigurationFile } from '../../config/read-file.js';
import type { ListedSetting } from '../../config/load.js';
import { ConfigError } from '../types/errors.js';
import type { Env, Program } from './cli.js';
import { configurationInvalid } from './validate.js';

/**
 * `pannier config`: every setting with its value and source, secrets masked. With problems, which go to stderr, the listing still comes: it
 * is how one finds out where a wrong value is from. Exits 0, or 78 with problems.
 */
export async function config({ json }: { readonly json: boolean }, env: Env, program: Program): Promise<number> {
  const { catalogue, cwd, out, err } = program;
  const { listing, problems, notes, configuration } = await readConfiguration({
    env,
    catalogue,
    cwd,
    readFile: readConfigurationFile,
  });
  if (json) {
    const settings = listing.map(({ variable, value, source }) => ({ variable, value: value ?? null, source }));
    out(`${JSON.stringify({ hash: configuration?.hash ?? null, settings, problems, notes }, undefined, 2)}\n`);
  } else {
    out(table(listing));
  }
  if (problems.length > 0) {
    err(`pannier: ${new ConfigError(problems).message}\n`);
    return configurationInvalid;
  }
  if (!json) for (const note of notes) err(`note: ${note}\n`);
  return 0;
}

/** Three columns; a long value does not push the sources of all others away. */
function table(listing: readonly ListedSetting[]): string {
  const rows = listing.map(({ variable, value, source }) => [
    variable,
    value === undefined ? '-' : printable(value),
    source,
  ]);
  const widest = (column: number): number =>
    rows.reduce((width, row) => Math.max(width, Math.min(row[column]?.length ?? 0, columnMax)), 0);
  const [first, second] = [widest(0), widest(1)];
  return rows
    .map(
      ([variable = '', value = '', source = '']) => `${variable.padEnd(first)}  ${value.padEnd(second)}  ${source}\n`,
    )
    .join('');
}

const columnMax = 48;
