import type { Format } from './formats/format.js';
import { createParser } from './formats/parser.js';
import type { Joining } from './joining.js';
import type { Configuration } from './types/configuration.js';
import type { LineParser } from './types/parser.js';

export type ParsingSettings = Pick<Configuration, 'format' | 'timezone' | 'maxLineBytes' | 'multilineMaxBytes'>;

/**
 * Makes the parsers of files as the configuration wants them: in a lane, and for who only looks how lines are read. `slotBytes`: what the largest record may
 * take. `join`: undefined where lines are not joined. `own`: what `configuredFormat` gave.
 */
export function parsersOf(
  { format, timezone, maxLineBytes, multilineMaxBytes }: ParsingSettings,
  slotBytes: number,
  join: Joining | undefined,
  own: Format | undefined,
): (remembered: string) => LineParser {
  const maxGroupBytes = Math.min(maxLineBytes, Math.floor(slotBytes / 2));
  const joining = join && { ...join, maxBytes: Math.min(multilineMaxBytes, maxGroupBytes) };
  return (remembered) => createParser(format, { timezone, remembered, own, maxGroupBytes, joining });
}
