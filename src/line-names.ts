import { accessKeys } from './formats/servers/access-keys.js';
import { levels } from './formats/levels.js';
import { mappedKeys } from './formats/members/mapping.js';
import { levelStarts } from './formats/plain.js';
import type { Names } from './kernel/kernel.js';
import { joinTriggers } from './lines/joiner.js';

/** What means something in a line, for the byte path: from the tables that the object path uses, so that both know the same. */
export const lineNames: Omit<Names, 'agent'> = {
  keys: mappedKeys,
  levels,
  levelStarts,
  joinTriggers,
  accessKeys: Object.values(accessKeys),
  datedKeys: ['process.pid', 'process.thread.name'],
};
