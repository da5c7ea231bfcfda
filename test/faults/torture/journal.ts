/** A growing list of small numbers, one for each line. */
export class Column {
  #values = new Uint32Array(1024);

  get(at: number): number {
    return this.#values[at] ?? 0;
  }

  set(at: number, value: number): void {
    while (at >= this.#values.length) {
      const larger = new Uint32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[at] = value;
  }
}

export interface WrittenLine {
  readonly bytes: number;
  /** The output that refuses it. */
  readonly poisonFor?: string;
}

/** What one writer has written: lines by serial, from 0 on. */
export class WriterJournal {
  /** Lines written, the next serial. */
  count = 0;
  /** With line ends. */
  bytes = 0;
  /** Which file, in the order in which the writer made them: records of one file keep their order. */
  generation = 0;
  readonly generations = new Column();
  /** Bytes, without the line end, of lines that may come in parts (`longLine`); 0: it can't. */
  readonly long = new Column();
  /** Where each of those begins in its file, in their order, with its serial. Only one who never rotates writes such. */
  readonly longBegins: { readonly offset: number; readonly serial: number }[] = [];
  readonly poisoned = new Map<number, string>();
  constructor(
    readonly id: string,
    readonly kind: string,
  ) {}

  /** The next line is on its way, in parts that may arrive before its end is written. */
  announce(length: number): void {
    this.long.set(this.count, length);
    this.longBegins.push({ offset: this.bytes, serial: this.count });
  }

  /** Of the lines that may come in parts: the one that this offset of the file lies in; undefined: none. */
  longAt(offset: number): { readonly offset: number; readonly serial: number } | undefined {
    const found = this.longBegins.findLast((line) => line.offset <= offset);
    return found !== undefined && offset < found.offset + this.long.get(found.serial) ? found : undefined;
  }

  /** To be called together with the write that completes the line. */
  wrote({ bytes, poisonFor }: WrittenLine): void {
    this.generations.set(this.count, this.generation);
    if (poisonFor !== undefined) this.poisoned.set(this.count, poisonFor);
    this.bytes += bytes;
    this.count++;
  }
}

/** What all writers have written. */
export class Journal {
  readonly writers = new Map<string, WriterJournal>();
  rotations = 0;

  open(id: string, kind: string): WriterJournal {
    const writer = new WriterJournal(id, kind);
    this.writers.set(id, writer);
    return writer;
  }

  get lines(): number {
    let sum = 0;
    for (const { count } of this.writers.values()) sum += count;
    return sum;
  }

  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.writers.values()) sum += bytes;
    return sum;
  }
}
