import { joinerOf } from './lines/joiner.js';
import { compileLinear } from './linear-regex.js';
import type { Configuration } from './types/configuration.js';
import type { Joiner } from './types/joiner.js';

/** What comes before the pattern in `PANNIER_MULTILINE=start:<regex>`. */
const startPrefix = 'start:';

/** How lines are joined. */
export interface Joining {
  readonly makeJoiner: () => Joiner;
  /** A line of text that begins with no trigger of `src/lines` and not with white space, between two such lines, is a record by itself. */
  readonly hasTriggers: boolean;
}

/**
 * What PANNIER_MULTILINE asks for; undefined: each line is a record.
 * @throws Error for a pattern that is none: the configuration has checked it before
 */
export async function joiningOf({ multiline }: Pick<Configuration, 'multiline'>): Promise<Joining | undefined> {
  const hasPattern = multiline.startsWith(startPrefix);
  const pattern = hasPattern ? await compileLinear(multiline.slice(startPrefix.length)) : undefined;
  const makeJoiner = joinerOf(multiline, pattern);
  return makeJoiner && { makeJoiner, hasTriggers: !hasPattern };
}
