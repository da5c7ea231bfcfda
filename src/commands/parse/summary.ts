import { fieldsOf, type Shown } from './shown.js';
import { newRecord } from '../../types/record.js';

/** A summary of what was held back, which the lane put between the records: its document says it all. */
export function summaryOf(document: string): Shown {
  const fields = { ...fieldsOf(newRecord()), message: messageOf(document) };
  return {
    line: 0,
    lines: 0,
    raw: Buffer.alloc(0),
    format: 'summary',
    fileFormat: '',
    known: '',
    hasTime: false,
    parsed: fields,
    sent: fields,
    heldBack: '',
    document,
    micros: 0,
  };
}

function messageOf(document: string): string | null {
  const value: unknown = JSON.parse(document);
  const message: unknown = typeof value === 'object' && value !== null && 'message' in value ? value.message : null;
  return typeof message === 'string' ? message : null;
}
