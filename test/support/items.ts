import type { BatchWriter, SendItems } from '../../src/types/batch.js';
import type { FileFacts, LogRecord } from '../../src/types/record.js';
import type { Output } from '../../outputs/output.js';

/** One file for all records of a test. */
export const testFile: FileFacts = {
  fileId: '0123456789abcdef01234567',
  path: '/var/log/app/test.log',
  birthMs: Date.UTC(2026, 10, 20),
};

let offset = 0;

/** A record whose line is `line`; each has an offset of its own, so ids differ. Its time is now, since some destinations refuse old ones. */
export function recordOf(line: string | Buffer, over: Partial<LogRecord> = {}): LogRecord {
  const text = Buffer.from(line);
  const start = offset;
  offset += text.length + 1;
  return {
    file: testFile,
    start,
    end: offset,
    part: undefined,
    text,
    from: 0,
    to: text.length,
    timeMs: Date.now(),
    timeText: '',
    level: undefined,
    message: undefined,
    members: [],
    errorMessage: undefined,
    ...over,
  };
}

/** Encodes records as the lane would and gives them to `send`. */
export function itemsOf(output: Output, records: readonly LogRecord[]): SendItems {
  return itemsBy(records.map((record) => [record, (body: BatchWriter) => output.encode(record, body)]));
}

/** The plain form of every item, as `delivery` makes it for refused ones. */
export function plainItemsOf(output: Output, items: SendItems, reason: string): SendItems {
  return itemsBy(
    Array.from({ length: items.count }, (_, i) => [
      recordOf(''),
      (body: BatchWriter) => {
        output.encodePlain?.(items.body.subarray(items.itemStart(i), items.itemEnd(i)), reason, body);
      },
    ]),
  );
}

function itemsBy(writes: readonly (readonly [LogRecord, (body: BatchWriter) => void])[]): SendItems {
  const ends = [0];
  const weights: number[] = [];
  const bodies: Buffer[] = [];
  for (const [, write] of writes) {
    const body = new GrowingBody();
    write(body);
    bodies.push(body.take());
    weights.push(body.weight);
    ends.push((ends.at(-1) ?? 0) + (bodies.at(-1)?.length ?? 0));
  }
  return {
    count: writes.length,
    body: Buffer.concat(bodies),
    itemStart: (i) => ends[i] ?? 0,
    itemEnd: (i) => ends[i + 1] ?? 0,
    weight: (i) => weights[i] ?? 0,
    timeMs: (i) => writes[i]?.[0].timeMs ?? 0,
    file: testFile,
  };
}

/** A body without limits, written in the plainest way: what the kernel's slot does must agree with it. */
class GrowingBody implements BatchWriter {
  readonly overflow = false;
  #chunks: Buffer[] = [];
  #weight: number | undefined;

  get weight(): number {
    return this.#weight ?? Buffer.concat(this.#chunks).length;
  }
  take(): Buffer {
    return Buffer.concat(this.#chunks);
  }
  text(text: string): void {
    this.#chunks.push(Buffer.from(text));
  }
  bytes(source: Buffer, from: number, to: number): void {
    this.#chunks.push(Buffer.from(source.subarray(from, to)));
  }
  jsonString(text: string): void {
    this.text(JSON.stringify(Buffer.from(text).toString()));
  }
  jsonBytes(source: Buffer, from: number, to: number): number {
    const text = source.toString('utf8', from, to);
    this.text(JSON.stringify(text));
    return Buffer.byteLength(text);
  }
  repaired(source: Buffer, from: number, to: number): void {
    this.text(source.toString('utf8', from, to));
  }
  document(record: LogRecord): void {
    const message =
      record.message === undefined ? record.text.toString('utf8', record.from, record.to) : record.message;
    const own = record.members.map(({ key, json }) => `,${JSON.stringify(key)}:${json}`).join('');
    const log = { file: { path: record.file.path }, offset: record.start };
    const head = { '@timestamp': new Date(record.timeMs).toISOString(), ...(message === null ? {} : { message }), log };
    this.text(`${JSON.stringify(head).slice(0, -1)}${own}}`);
  }
  weigh(weight: number): void {
    this.#weight = weight;
  }
}
