import type { ItemLayout } from '../../src/types/batch.js';

/** One document and its line end: the items of a batch, back to back, are what is written. */
export const itemLayout: ItemLayout = { parts: ['document', { literal: '\n' }], weight: 'encoded' };
