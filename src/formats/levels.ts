import type { Level } from '../types/record.js';

/**
 * Words and numbers for levels: the contract ("Records"), which follows the names of syslog (RFC 5424), npm and zap, and the numbers of pino and
 * bunyan. `warning` and `err` are syslog's spellings of two of the six.
 */
export const levels: ReadonlyMap<string, Level> = new Map([
  ['trace', 'trace'],
  ['silly', 'trace'],
  ['10', 'trace'],
  ['debug', 'debug'],
  ['verbose', 'debug'],
  ['20', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['30', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['40', 'warn'],
  ['error', 'error'],
  ['err', 'error'],
  ['50', 'error'],
  ['fatal', 'fatal'],
  ['crit', 'fatal'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
  ['dpanic', 'fatal'],
  ['60', 'fatal'],
]);

/** No level is longer, colours and brackets included. */
const maxLevelLength = 48;

/** The level that a logger's word or number means, in any case, with brackets and ANSI colours around it; undefined for another word. */
export function levelOf(text: string): Level | undefined {
  const known = levels.get(text);
  if (known !== undefined || text.length > maxLevelLength) return known;
  return levels.get(bare(text).toLowerCase());
}

// eslint would refuse the escape character in a literal pattern; it is meant here.
const colours = new RegExp('\u001b\\[[0-9;:]*m', 'g');

const bare = (text: string): string =>
  text
    .replace(colours, '')
    .replace(/^[\s[({<]+/, '')
    .replace(/[\s\])}>]+$/, '');
