import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

/** The folder of pins, in each root. No walk enters a folder of this name, wherever it lies: another agent's roots may be others. */
export const pinFolderName = '.pannier-pins';

/** True for the folder of pins and for what is in it. */
export const isPinPlace = (path: string): boolean => path.split('/').includes(pinFolderName);

interface TaggedBy {
  readonly stateDir: string;
  readonly outputs: readonly { readonly name: string }[];
}

/**
 * Tells pins of agents that share a volume apart when their file is not in the store: by the host (of a pod, its name), the state directory and the
 * outputs, which stay when a state is lost.
 */
export const pinTagOf = ({ stateDir, outputs }: TaggedBy): string =>
  createHash('sha256')
    .update([hostname(), stateDir, ...outputs.map(({ name }) => name).sort()].join('\0'))
    .digest('hex')
    .slice(0, 8);

export const pinNameOf = (fileId: string, tag: string): string => `${fileId}-${tag}`;

/** undefined: not a pin's name. */
export function parsePinName(name: string): { readonly fileId: string; readonly tag: string } | undefined {
  const [, fileId, tag] = /^([0-9a-f]{24})-([0-9a-f]{8})$/.exec(name) ?? [];
  return fileId === undefined || tag === undefined ? undefined : { fileId, tag };
}
