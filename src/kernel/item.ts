import type { BatchWriter, ItemLayout } from '../types/batch.js';
import { type LogRecord, writeRecordId } from '../types/record.js';

/** A record's time has this many places in an item. */
const timePlaces = 13;
const lastTimeMs = 1e13;
const blank = Buffer.from(' ');

/** Writes a record as an item, part by part; the kernel does the same with the lines it takes. */
export function writeItem({ parts, weight }: ItemLayout, record: LogRecord, body: BatchWriter): void {
  for (const part of parts) {
    if (part === 'document') body.document(record);
    else if (part === 'id') writeRecordId(record, body);
    else if (part === 'line') {
      const bytes = writeLine(record, body);
      if (weight !== 'encoded') body.weigh(bytes + weight.lineAnd);
    } else if (part === 'time-ms') body.text(timeDigits(record.timeMs));
    else if ('literal' in part) body.text(part.literal);
    else if ('hourly' in part) body.text(part.hourly(record.timeMs));
    else body.text(part.each(record));
  }
}

/** A line without text (a wrapper may hold none) is a blank. Returns the bytes of the text. */
function writeLine({ text, from, to }: LogRecord, body: BatchWriter): number {
  return from === to ? body.jsonBytes(blank, 0, 1) : body.jsonBytes(text, from, to);
}

function timeDigits(timeMs: number): string {
  const known = timeMs >= 0 && timeMs < lastTimeMs ? Math.floor(timeMs) : 0;
  return String(known).padStart(timePlaces, ' ');
}
