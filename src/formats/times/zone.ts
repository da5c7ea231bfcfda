/** Turns the local time of one time zone into an instant. */
export interface Zone {
  /** `localMs`: the wall clock's reading, in ms, as if it were UTC. Returns ms since the epoch. */
  toUtc(localMs: number): number;
}

/**
 * The zone of an IANA name. Of an hour that the clock shows twice (autumn) the first one is meant; a time that the clock skips (spring) is read
 * with the offset from before the change: RFC 5545, 3.3.5, says both. A name that the runtime does not know counts as UTC: the configuration
 * has refused it before, and a parser must not throw.
 */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = createZone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** An Intl formatter costs tens of kB, and there is one parser per file and lane; names come from the configuration, so there are few. */
const zones = new Map<string, Zone>();

export const utc: Zone = { toUtc: (localMs) => localMs };

const dayMs = 86_400_000;
/** Since 1970 no clock was changed within a quarter of an hour by the wall clock, so all its readings share one offset. */
const quarterMs = 900_000;

function createZone(name: string): Zone {
  const offsetAt = offsetReader(name);
  if (offsetAt === undefined) return utc;
  let quarter = Number.NaN;
  let offset = 0;
  return {
    toUtc(localMs) {
      const wanted = Math.floor(localMs / quarterMs);
      if (wanted !== quarter) {
        quarter = wanted;
        offset = offsetOfLocal(wanted * quarterMs, offsetAt);
      }
      return localMs - offset;
    },
  };
}

/** Offset east of Greenwich, in ms, of the local time `localMs`. */
function offsetOfLocal(localMs: number, offsetAt: (utcMs: number) => number): number {
  const before = offsetAt(localMs - dayMs);
  const after = offsetAt(localMs + dayMs);
  if (before === after || offsetAt(localMs - before) === before) return before;
  return offsetAt(localMs - after) === after ? after : before;
}

function offsetReader(name: string): ((utcMs: number) => number) | undefined {
  if (/^(?:Etc\/)?(?:UTC|GMT|Zulu)$|^$/i.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return (utcMs) => {
    const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return local - Math.floor(utcMs / 1000) * 1000;
  };
}
