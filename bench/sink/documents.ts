import type { Sample } from './sink.js';

/** The string, number and boolean values of a document, as text, wherever they stand in it. */
export type Leaves = ReadonlySet<string>;

/** The documents of a kept body, each as the set of its values. @throws Error when the body is not of its kind */
export function documents({ kind, bytes }: Sample): Leaves[] {
  switch (kind) {
    case 'bulk':
      return lines(bytes)
        .filter((_, index) => index % 2 === 1)
        .map((line) => leavesOf(JSON.parse(line)));
    case 'ndjson':
      return lines(bytes).map((line) => leavesOf(JSON.parse(line)));
    case 'otlp-protobuf':
      return logRecords(bytes).map((record) => textsOf(record));
    case 'otlp-json':
      throw new Error('no agent of ours sends this');
  }
}

function lines(bytes: Buffer): string[] {
  const all = bytes.toString('utf8').split('\n');
  if (all.at(-1) === '') all.pop();
  return all;
}

function leavesOf(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) leavesOf(member, into);
  else add(String(value), into);
  return into;
}

/** A number that came as text, with more zeros than it had (`48.500000`), counts as that number. */
function add(text: string, into: Set<string>): void {
  into.add(text);
  if (/^-?\d+\.\d+$/.test(text)) into.add(String(Number(text)));
}

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: number;
  readonly bytes: Buffer;
}

/** The fields of a protobuf message. Source: protobuf.dev, "Encoding". */
function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const none = Buffer.alloc(0);
  while (at < message.length) {
    const tag = varint();
    const field = { number: Math.floor(tag / 8), wire: tag % 8 };
    if (field.wire === 0) {
      yield { ...field, value: varint(), bytes: none };
      continue;
    }
    const length = field.wire === 2 ? varint() : field.wire === 1 ? 8 : 4;
    if (at + length > message.length) throw new Error('a protobuf field that goes beyond its message');
    const bytes = message.subarray(at, (at += length));
    const value = field.wire === 1 ? bytes.readDoubleLE(0) : 0;
    yield { ...field, value, bytes };
  }
}

const inside = (message: Buffer, number: number) =>
  [...fieldsOf(message)].filter((field) => field.number === number && field.wire === 2);

/** ExportLogsServiceRequest.resource_logs(1).scope_logs(2).log_records(2). Source: opentelemetry-proto, logs/v1. */
function logRecords(request: Buffer): Buffer[] {
  return inside(request, 1)
    .flatMap(({ bytes }) => inside(bytes, 2))
    .flatMap(({ bytes }) => inside(bytes, 2))
    .map(({ bytes }) => bytes);
}

/** Values of a LogRecord's body(5) and attributes(6). */
function textsOf(record: Buffer): Set<string> {
  const into = new Set<string>();
  for (const { bytes } of inside(record, 5)) anyValue(bytes, into);
  for (const { bytes } of inside(record, 6)) for (const value of inside(bytes, 2)) anyValue(value.bytes, into);
  return into;
}

/** AnyValue: string 1, bool 2, int 3, double 4, array 5 (values 1), kvlist 6 (pairs 1, whose value is 2). Source: opentelemetry-proto, common/v1. */
function anyValue(message: Buffer, into: Set<string>): void {
  for (const { number, value, bytes } of fieldsOf(message)) {
    if (number === 1) into.add(bytes.toString('utf8'));
    else if (number === 2) into.add(String(value === 1));
    else if (number === 3 || number === 4) into.add(String(value));
    else if (number === 5) for (const member of inside(bytes, 1)) anyValue(member.bytes, into);
    else if (number === 6)
      for (const pair of inside(bytes, 1)) for (const member of inside(pair.bytes, 2)) anyValue(member.bytes, into);
  }
}
