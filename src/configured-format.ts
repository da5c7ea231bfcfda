import type { Format } from './formats/format.js';
import { regexFormat } from './formats/regex.js';
import { compileLinear } from './linear-regex.js';

const patternPrefix = 'regex:';

/**
 * The format that PANNIER_FORMAT describes and that is none of the list: `regex:` and a pattern. Undefined for a name.
 * @throws Error as `compileLinear`: the configuration has checked it before
 */
export async function configuredFormat(setting: string): Promise<Format | undefined> {
  if (!setting.startsWith(patternPrefix)) return undefined;
  return regexFormat(await compileLinear(setting.slice(patternPrefix.length)));
}
