import { readOffset, settle, type TimeFields, type TimeReading } from './civil-time.js';
import type { Zone } from './zone.js';

/**
 * Layouts with the name of the month, each by its own pattern: anchored, and without nested repetition, so linear. The weekday is not checked.
 */
const layouts = [
  // Common log format: 20/Nov/2026:09:15:02 +0000
  /^(?<day>\d\d)\/(?<month>[a-z]{3})\/(?<year>\d{4}):(?<clock>\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d{1,9}))?(?: (?<zone>\S+))?$/i,
  // RFC 1123, RFC 850 and RFC 822 with a four-digit year: Fri, 20 Nov 2026 09:15:02 GMT
  /^(?:[a-z]{3,9}, )?(?<day>\d{1,2})[ -](?<month>[a-z]{3})[ -](?<year>\d{4}) (?<clock>\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d{1,9}))?(?: (?<zone>\S+))?$/i,
  // ctime and `date`: Fri Nov 20 09:15:02 2026, Fri Nov 20 09:15:02 UTC 2026
  /^[a-z]{3} (?<month>[a-z]{3}) {1,2}(?<day>\d{1,2}) (?<clock>\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d{1,9}))?(?: (?<zone>\S{1,6}))? (?<year>\d{4})$/i,
];

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function readNamedMonth(text: string, zone: Zone, into: TimeFields): TimeReading {
  for (const layout of layouts) {
    const groups = layout.exec(text)?.groups;
    if (groups === undefined) continue;
    const month = months.indexOf(groups['month']?.toLowerCase() ?? '') + 1;
    const offset = readOffset(groups['zone'] ?? '');
    if (month === 0 || offset === 'none') return 'none';
    const [hour = 0, minute = 0, second = 0] = (groups['clock'] ?? '').split(':').map(Number);
    const [year, day] = [Number(groups['year']), Number(groups['day'])];
    return settle({ year, month, day, hour, minute, second, fraction: groups['fraction'] ?? '', offset }, zone, into);
  }
  return 'none';
}
