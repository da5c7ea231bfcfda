import { digitsEnd, dot, isDigit } from '../characters.js';
import { place, type TimeFields } from './civil-time.js';

/**
 * Seconds, ms, µs or ns since the epoch as decimal digits, with or without a fraction. The number of digits says which: 9 or 10 are seconds, then
 * three more each, so 1973-03-03 to 2286-11-20. Other lengths are something else: a duration, a counter, a date written as 20261120091502.
 * `[at, wholeEnd)`: the digits before the fraction. Returns the place behind the epoch, or 0.
 */
export function scanEpoch(text: string, at: number, wholeEnd: number, into: TimeFields): number {
  const subseconds = subsecondDigits(wholeEnd - at);
  if (subseconds === undefined || text.charCodeAt(at) === 0x30) return 0;
  let fraction = text.slice(wholeEnd - subseconds, wholeEnd);
  let end = wholeEnd;
  if (text.charCodeAt(wholeEnd) === dot && isDigit(text.charCodeAt(wholeEnd + 1))) {
    end = digitsEnd(text, wholeEnd + 1);
    // What is below a nanosecond is noise of a binary fraction.
    fraction = (fraction + text.slice(wholeEnd + 1, Math.min(end, wholeEnd + 10))).slice(0, 9);
  }
  const seconds = Number(text.slice(at, wholeEnd - subseconds));
  return place(seconds * 1000, fraction, into) === 'time' ? end : 0;
}

/** Of an epoch with that many digits, how many of them are below the second; undefined: an epoch has no such length. */
function subsecondDigits(length: number): number | undefined {
  if (length < 9 || length > 19 || length % 3 === 2) return undefined;
  return Math.floor((length - 9) / 3) * 3;
}
