import { isIPv4, isIPv6 } from 'node:net';
import { suggestion } from './did-you-mean.js';
import { quote } from './mask.js';

/** What is wrong with a value and, when it can be said, what to write instead. Never holds a secret. */
export interface Flaw {
  readonly problem: string;
  readonly suggestion?: string | undefined;
}

/** The parsers of this room never throw: a value is well, or has a flaw. */
export type Parsed<T> = { readonly value: T } | Flaw;

const second = 1000;
const durationUnits = new Map([
  ['ms', 1],
  ['s', second],
  ['m', 60 * second],
  ['h', 3600 * second],
  ['d', 86_400 * second],
]);
const sizeUnits = new Map([
  ['B', 1],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/** `250ms`, `5s`, `2m`, `24h`, `7d` or `0`, in ms (contract, "Values"). */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return { value: 0 };
  return parseQuantity(text, durationUnits, meantDurationUnit, 'duration', '250ms, 5s, 2m, 24h or 7d');
}

/** `512B`, `64KiB`, `10MB`, in bytes: KB is 1000 bytes and KiB 1024 (contract, "Values"). */
export function parseSize(text: string): Parsed<number> {
  return parseQuantity(text, sizeUnits, meantSizeUnit, 'size', '512B, 64KiB or 10MB');
}

function parseQuantity(
  text: string,
  units: ReadonlyMap<string, number>,
  meantUnit: (unit: string) => string | undefined,
  kind: string,
  examples: string,
): Parsed<number> {
  const [, digits = '', unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = units.get(unit);
  if (factor !== undefined) {
    const value = Number(digits) * factor;
    return Number.isSafeInteger(value) ? { value } : { problem: `${quote(text)} is too large` };
  }
  // `25`, `5 s`, `10mb`, `10Mi`: the number is plain, only its unit is not.
  const [, number = '', written = ''] = /^(\d+)\s*([A-Za-z]*)$/.exec(text) ?? [];
  const meant = number === '' ? undefined : meantUnit(written.toLowerCase());
  return {
    problem: `${quote(text)} is not a ${kind}`,
    suggestion: meant === undefined ? `write digits and a unit: ${examples}` : `did you mean ${number}${meant}?`,
  };
}

function meantDurationUnit(unit: string): string | undefined {
  if (durationUnits.has(unit)) return unit;
  if (unit === '' || unit.startsWith('sec')) return 's';
  if (unit.startsWith('min')) return 'm';
  if (unit.startsWith('mil') || unit.startsWith('mse')) return 'ms';
  if (unit.startsWith('h')) return 'h';
  return unit.startsWith('day') ? 'd' : undefined;
}

function meantSizeUnit(unit: string): string | undefined {
  if (unit === '' || unit.startsWith('byte')) return 'B';
  const sameLetters = [...sizeUnits.keys()].find((known) => known.toLowerCase() === unit);
  // `10M` and `10Mi` are Kubernetes' quantities; of both the power of two is what limits of memory and volumes mean.
  return (
    sameLetters ??
    new Map([
      ['k', 'KiB'],
      ['ki', 'KiB'],
      ['m', 'MiB'],
      ['mi', 'MiB'],
      ['g', 'GiB'],
      ['gi', 'GiB'],
    ]).get(unit)
  );
}

/** Decimal digits only. */
export function parseInteger(text: string): Parsed<number> {
  if (!/^\d+$/.test(text)) return { problem: `${quote(text)} is not a whole number`, suggestion: 'write digits only' };
  const value = Number(text);
  return Number.isSafeInteger(value) ? { value } : { problem: `${quote(text)} is too large` };
}

const meantFlags = new Map([
  ['1', 'true'],
  ['yes', 'true'],
  ['on', 'true'],
  ['0', 'false'],
  ['no', 'false'],
  ['off', 'false'],
]);

export function parseFlag(text: string): Parsed<boolean> {
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  const lower = text.toLowerCase();
  const meant = lower === 'true' || lower === 'false' ? lower : meantFlags.get(lower);
  return {
    problem: `${quote(text)} is neither true nor false`,
    suggestion: meant === undefined ? undefined : `did you mean ${meant}?`,
  };
}

/** One of `choices`, or one of `prefixes` with something behind it. */
export function parseChoice(
  text: string,
  choices: readonly string[],
  prefixes: readonly string[] = [],
): Parsed<string> {
  const prefix = prefixes.find((each) => text.startsWith(each));
  if (prefix === text) return { problem: `${quote(text)} has nothing behind the colon` };
  if (prefix !== undefined || choices.includes(text)) return { value: text };
  const lower = text.toLowerCase();
  // `warning` for warn: too many letters apart for a slip, and yet clear.
  const begun = choices.find((choice) => lower.startsWith(choice) || (lower.length > 2 && choice.startsWith(lower)));
  return {
    problem: `${quote(text)} is none of: ${[...choices, ...prefixes.map((each) => `${each}…`)].join(', ')}`,
    suggestion: begun === undefined ? suggestion(lower, choices) : `did you mean ${begun}?`,
  };
}

/**
 * An http or https URL, credentials allowed, as it was written. The flaw does not quote it: what can't be parsed can't be masked either.
 */
export function parseUrl(text: string): Parsed<string> {
  const example = 'write it as in https://host:9200';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return { problem: 'is not a URL', suggestion: example };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    // `localhost:9200` parses as a URL of the scheme `localhost:`.
    return { problem: 'is not an http or https URL', suggestion: example };
  }
  // The parser mends `http:host` and `http:\\host`; what is logged and compared later should be what is connected to.
  if (!/^https?:\/\/[^\\/]/i.test(text) || hasControlCharacter(text))
    return { problem: 'is not a URL', suggestion: example };
  return { value: text };
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `:port` (all interfaces), `[::]:port`, or `off`: undefined (contract, "The listener"). Port 0 takes any free port. */
export function parseListen(text: string): Parsed<ListenAddress | undefined> {
  if (text === 'off') return { value: undefined };
  const forms = 'write host:port, :port, [::]:port or off';
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = bracketed ?? (plain === '' ? '0.0.0.0' : plain);
  if (host === undefined || digits === '') {
    const bare = /^\d{1,5}$/.test(text) ? `did you mean :${text}?` : forms;
    return { problem: `${quote(text)} is not an address to listen on`, suggestion: bare };
  }
  if (port > 65535) return { problem: `${quote(text)}: there is no port ${port}`, suggestion: 'ports end at 65535' };
  const known = bracketed === undefined ? isHostName(host) : isIPv6(host);
  return known
    ? { value: { host, port } }
    : { problem: `${quote(text)} has no host that can be listened on`, suggestion: forms };
}

function isHostName(host: string): boolean {
  return /^[\d.]+$/.test(host) ? isIPv4(host) : /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host);
}

/** Known without asking Intl, whose data are 8 MB of resident memory from the first formatter on. */
const utcNames = /^(?:Etc\/)?(?:UTC|GMT|Zulu)$/i;

/** A name of the IANA time zone database, as the runtime knows it. */
export function parseTimezone(text: string): Parsed<string> {
  if (utcNames.test(text)) return { value: text };
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return { value: text };
  } catch {
    return { problem: `${quote(text)} is not a time zone`, suggestion: 'write a name such as Europe/Berlin or UTC' };
  }
}

/** Line ends, NULs and escapes belong in no name, path, URL or credential; they would fail much later, or forge a header. */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
