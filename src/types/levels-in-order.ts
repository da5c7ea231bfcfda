import type { Level } from './record.js';

/** From the least to the most severe. */
export const levelNames = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly Level[];

const ranks: Readonly<Record<Level, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 };

/** 0 is trace, 5 fatal. */
export const rankOf = (level: Level): number => ranks[level];
