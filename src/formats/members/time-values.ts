import type { Member } from '../../types/record.js';
import type { TimeFields, TimeReading } from '../times/civil-time.js';
import { jsonAt, objectMembers, scalarText, stringValue } from './json-values.js';
import { readTime } from '../times/timestamps.js';
import { zoneOf, type Zone } from '../times/zone.js';

/** Reads the value of a member that is called a time: a string, a number, or one of the objects that loggers write. */
export function readTimeValue(json: string, zone: Zone, into: TimeFields): TimeReading {
  const text = scalarText(json);
  // A format of .NET's console mostly ends with a blank, to part the time from what follows on a line of text; in CSV one may be before it.
  if (text !== undefined) {
    const reading = readTime(text.startsWith(' ') || text.endsWith(' ') ? text.trim() : text, zone, into);
    return reading === 'none' && text.length <= longestNumber ? readTime(plainNumber(text), zone, into) : reading;
  }
  const members = json.length > longestObject ? undefined : objectMembers(json);
  return members === undefined ? 'none' : readTimeObject(members, zone, into);
}

const longestNumber = 32;

/** Seconds as some encoders write a double, `1.795166102123e+09`, in plain digits; '' for another text. */
function plainNumber(text: string): string {
  const [, whole = '', fraction = '', exponent = ''] = /^(\d)\.(\d+)e\+?(\d{1,2})$/i.exec(text) ?? [];
  const shift = Number(exponent);
  if (whole === '' || shift < 9 || shift > 18) return '';
  const digits = whole + fraction.padEnd(shift, '0');
  const rest = digits.slice(shift + 1);
  return rest === '' ? digits : `${digits.slice(0, shift + 1)}.${rest}`;
}

/** None that is known is longer. */
const longestObject = 192;

function readTimeObject(members: readonly Member[], zone: Zone, into: TimeFields): TimeReading {
  const [first, second] = members;
  if (first === undefined) return 'none';
  if (second === undefined) return first.key === '$date' ? readMongoDate(first.json, zone, into) : 'none';
  if (members.length === 3) return readPhpDate(members, into);
  if (members.length > 3) return 'none';
  // Google Cloud: `{"seconds":…,"nanos":…}`; Log4j: `{"epochSecond":…,"nanoOfSecond":…}`.
  const seconds = jsonAt(members, 'seconds') || jsonAt(members, 'epochSecond');
  const nanos = jsonAt(members, 'nanos') || jsonAt(members, 'nanoOfSecond');
  if (seconds !== '' && nanos !== '') return readSecondsAndNanos(seconds, nanos, zone, into);
  // loguru: `{"repr":"2026-11-20 09:15:02.123456+00:00","timestamp":1795166102.123456}`; the text has more digits.
  const [repr, timestamp] = [jsonAt(members, 'repr'), jsonAt(members, 'timestamp')];
  return repr === '' || timestamp === '' ? 'none' : readTime(stringValue(repr) ?? '', zone, into);
}

/** Whole seconds since the epoch and nanoseconds of the second, both as digits, quoted or not. */
export function readSecondsAndNanos(seconds: string, nanos: string, zone: Zone, into: TimeFields): TimeReading {
  const [whole, rest] = [scalarText(seconds) ?? '', scalarText(nanos) ?? ''];
  if (!/^\d{9,10}$/.test(whole) || !/^\d{1,9}$/.test(rest)) return 'none';
  return readTime(`${whole}.${rest.padStart(9, '0')}`, zone, into);
}

/** MongoDB's Extended JSON: text, or `{"$numberLong":"1795166102123"}`. */
function readMongoDate(json: string, zone: Zone, into: TimeFields): TimeReading {
  const text = scalarText(json) ?? stringValue(jsonAt(objectMembers(json), '$numberLong'));
  return readTime(text ?? '', zone, into);
}

/** PHP's DateTime, as old versions of Monolog write it: `{"date":"2026-11-20 09:15:02.123456","timezone_type":3,"timezone":"UTC"}`. */
function readPhpDate(members: readonly Member[], into: TimeFields): TimeReading {
  const date = stringValue(jsonAt(members, 'date'));
  const name = stringValue(jsonAt(members, 'timezone'));
  if (date === undefined || name === undefined || jsonAt(members, 'timezone_type') === '') return 'none';
  return readTime(/^[+-]\d\d:\d\d$/.test(name) ? date + name : date, zoneOf(name), into);
}
