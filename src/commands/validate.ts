import { readConfiguration } from '../../config/load.js';
import { readConfigurationFile } from '../../config/read-file.js';
import type { OutputConfiguration } from '../types/configuration.js';
import { memoryLimit } from '../memory-limit.js';
import { ConfigError } from '../types/errors.js';
import type { Env, Program } from './cli.js';

/** Exit code of a configuration with problems (design, section 3). */
export const configurationInvalid = 78;

/** `pannier validate`: 0 with a line for each output, or 78 with all problems. Takes neither lock nor port and asks no destination. */
export async function validate(env: Env, { catalogue, cwd, out, err }: Program): Promise<number> {
  const { configuration, problems, notes } = await readConfiguration({
    env,
    catalogue,
    cwd,
    readFile: readConfigurationFile,
    memoryLimit: memoryLimit(),
  });
  if (configuration === undefined) {
    err(`pannier: ${new ConfigError(problems).message}\n`);
    return configurationInvalid;
  }
  const count = configuration.outputs.length;
  out(`the configuration is valid: ${count} output${count === 1 ? '' : 's'}, hash ${configuration.hash}\n`);
  for (const output of configuration.outputs) out(`  ${describe(output)}\n`);
  for (const note of notes) err(`note: ${note}\n`);
  return 0;
}

function describe({ name, type, batchMaxBytes, batchMaxWaitMs, startAt }: OutputConfiguration): string {
  const start = startAt === undefined ? '' : `, starts at the ${startAt}`;
  return `${name}: type ${type}, batches of up to ${batchMaxBytes} bytes or ${batchMaxWaitMs} ms${start}`;
}
