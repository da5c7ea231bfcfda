import type { Case } from './case.js';
import { catchUp } from './catch-up.js';

/** The only list of cases. */
export const cases: readonly Case[] = [
  catchUp({ id: 'raw', title: 'catch-up, raw text', format: 'raw', quick: true }),
  catchUp({ id: 'json', title: 'catch-up, JSON parsed and mapped', format: 'json', quick: true }),
];
