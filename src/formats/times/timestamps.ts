import type { TimeFields, TimeReading } from './civil-time.js';
import { scanTime } from './time-scan.js';
import type { Zone } from './zone.js';

/** No layout is longer; what is longer is no time, whatever it begins with. */
const maxTimeLength = 64;

/**
 * Reads a text that is a time and nothing else, in any of the layouts that loggers use (docs/formats.md lists them): RFC 3339 and its relatives,
 * seconds to nanoseconds since the epoch, layouts with a month's name, with a two-digit year, without a year. A time without a zone is that
 * of `zone`. Sets `into` only when the answer is 'time'. Never throws.
 */
export function readTime(text: string, zone: Zone, into: TimeFields): TimeReading {
  if (text.length > maxTimeLength) return 'none';
  const { timeMs, timeText } = into;
  const end = scanTime(text, 0, zone, into);
  if (end === text.length && end !== 0) return 'time';
  if (end === -text.length && end !== 0) return 'impossible';
  into.timeMs = timeMs;
  into.timeText = timeText;
  return 'none';
}
