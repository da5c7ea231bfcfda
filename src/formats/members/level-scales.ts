import type { Level } from '../../types/record.js';

/** Numbers that stand for levels, each scale under names of its own. A number that is on no step is none. */
export type LevelScale = (number: number) => Level | undefined;

/** Severities of syslog: 0 emergency to 7 debug (RFC 5424, 6.2.1). journald, GELF and rsyslog write them. */
export const syslogScale: LevelScale = (number) => syslogLevels[number];
const syslogLevels: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

/** OpenTelemetry's SeverityNumber: four numbers for each of six levels, from 1. */
export const otelScale: LevelScale = (number) =>
  number >= 1 && number <= 24 ? otelLevels[Math.floor((number - 1) / 4)] : undefined;
const otelLevels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Python's `levelno`: what is between its steps counts as the step below. */
export const pythonScale: LevelScale = (number) =>
  number >= 50 ? 'fatal' : number >= 40 ? 'error' : number >= 30 ? 'warn' : number >= 20 ? 'info' : below(number, 10);
const below = (number: number, debug: number): Level | undefined =>
  number >= debug ? 'debug' : number > 0 ? 'trace' : undefined;

/** Logback's `level_value` (5000 to 40000); java.util.logging's (300 to 1000) is told apart by its size. */
export const javaScale: LevelScale = (number) => javaLevels.get(number);
const javaLevels: ReadonlyMap<number, Level> = new Map([
  [5000, 'trace'],
  [10000, 'debug'],
  [20000, 'info'],
  [30000, 'warn'],
  [40000, 'error'],
  [50000, 'fatal'],
  [300, 'trace'],
  [400, 'trace'],
  [500, 'debug'],
  [700, 'debug'],
  [800, 'info'],
  [900, 'warn'],
  [1000, 'error'],
]);

/** The number that a member's text is; NaN for another text. */
export function stepOf(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
