import type { ItemLayout, SendItems } from '../../src/types/batch.js';
import { escapeDocument, viewOf } from './escape-document.js';
import { eventOverhead } from './limits.js';

const eventStart = '{"timestamp":';
const messageStart = ',"message":';
const eventEnd = '},';

/** What an event's message is: the original line, or the record as JSON. */
export type Shape = 'line' | 'json';

/**
 * How a record becomes an item. With `line` it is the event as the request body has it, comma included: `{"timestamp":…,"message":"…"},`; it weighs
 * what AWS counts, the message and 26 bytes. With `json` it is the event's first 26 bytes, `{"timestamp":` and 13 digits, then the plain
 * document: this makes its encoded length that weight, which is not known before the document is written. `RequestBody` finishes it.
 *
 * An empty message is refused: the layout's line is a blank then. AWS takes no time before 1970 or after 9999; those are dead-lettered before they
 * are sent, so what stands here for them is never read.
 */
export const itemLayouts: Readonly<Record<Shape, ItemLayout>> = {
  line: {
    parts: [{ literal: eventStart }, 'time-ms', { literal: messageStart }, 'line', { literal: eventEnd }],
    weight: { lineAnd: eventOverhead },
  },
  json: { parts: [{ literal: eventStart }, 'time-ms', 'document'], weight: 'encoded' },
};

/**
 * The body of PutLogEvents for `order` (item numbers, oldest first; undefined: all items as they are). Keeps one buffer and uses it again: what it
 * returns is valid until the next call.
 */
export class RequestBody {
  #buffer = Buffer.allocUnsafeSlow(0);

  constructor(private readonly shape: Shape) {}

  build(group: string, stream: string, items: SendItems, order: readonly number[] | undefined): Buffer {
    const head = `{"logGroupName":${JSON.stringify(group)},"logStreamName":${JSON.stringify(stream)},"logEvents":[`;
    // A document at most doubles: it is JSON, so only quotes and backslashes of it need an escape.
    const growth = this.shape === 'json' ? 2 * items.body.length + items.count * documentExtra : items.body.length;
    this.#reserve(Buffer.byteLength(head) + growth + bodyEnd.length);
    let at = this.#buffer.write(head);
    if (this.shape === 'json') at = this.#documents(items, order, at);
    else if (order === undefined && items.count > 0)
      at += items.body.copy(this.#buffer, at, items.itemStart(0), items.itemEnd(items.count - 1));
    else
      for (let i = 0; i < (order?.length ?? items.count); i++) {
        const item = order?.[i] ?? i;
        at += items.body.copy(this.#buffer, at, items.itemStart(item), items.itemEnd(item));
      }
    if (this.#buffer[at - 1] === comma) at--;
    at += this.#buffer.write(bodyEnd, at);
    return this.#buffer.subarray(0, at);
  }

  /** The events of the shape `json`, whose items are the beginning of an event and a document that becomes its message. */
  #documents(items: SendItems, order: readonly number[] | undefined, begin: number): number {
    const source = viewOf(items.body);
    const target = viewOf(this.#buffer);
    let at = begin;
    for (let i = 0; i < (order?.length ?? items.count); i++) {
      const item = order?.[i] ?? i;
      const document = items.itemStart(item) + eventOverhead;
      at = copyFew(source, document - eventOverhead, document, target, at);
      at = copyFew(stringStart, 0, stringStart.byteLength, target, at);
      at = escapeDocument(source, document, items.itemEnd(item), target, at);
      at = copyFew(stringEnd, 0, stringEnd.byteLength, target, at);
    }
    return at;
  }

  #reserve(bytes: number): void {
    // In steps, since batches come in all sizes and each growth is a new buffer.
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(Math.ceil(bytes / growthStep) * growthStep);
  }
}

const bodyEnd = ']}';
const growthStep = 256 * 1024;
const stringStart = viewOf(Buffer.from(`${messageStart}"`));
const stringEnd = viewOf(Buffer.from(`"${eventEnd}`));
const documentExtra = stringStart.byteLength + stringEnd.byteLength;
const comma = 0x2c;

/** For some ten bytes, a call of the native copy costs more than their copying. */
function copyFew(source: DataView, from: number, to: number, target: DataView, at: number): number {
  for (let i = from; i < to; i++) target.setUint8(at++, source.getUint8(i));
  return at;
}
