/** What a correct agent may and must deliver, kept beside the real files while a script of actions runs. Pure bookkeeping. */

interface Line {
  readonly text: string;
  /** False: bytes of it may have been truncated away, or gone with their file, before anyone could read them. */
  required: boolean;
}

/** One identity: what a file was between two truncations. */
export class ModelFile {
  readonly lines: Line[] = [];
  /** The beginning of a line whose end was not written yet. */
  open = '';
  sizeBytes = 0;
  /** The agent was seen to know it. */
  seen = false;
  /** A record of it was delivered, so its identity is on disk: a kill does not make it a stranger. */
  recorded = false;
  /** Bytes it had when it was last seen to be known: what its fingerprint covers. */
  seenBytes = 0;
  held: 'at its path' | 'renamed' | 'deleted' | 'truncated' = 'at its path';

  constructor(public name: string) {}

  /** Appends whole lines; the first one ends the open line, if there is one. Returns the text to write. */
  write(lines: readonly string[]): string {
    const [first = '', ...rest] = lines;
    this.lines.push({ text: this.open + first, required: true }, ...rest.map((text) => ({ text, required: true })));
    this.open = '';
    return this.grow(lines.map((line) => `${line}\n`).join(''));
  }

  /** Appends to the open line. Returns the text to write. */
  writePart(text: string): string {
    this.open += text;
    return this.grow(text);
  }

  /** No more comes: an open line is a line, once the agent has waited for its end. */
  end(): void {
    if (this.open !== '') this.lines.push({ text: this.open, required: true });
    this.open = '';
  }

  /** Nothing that was not delivered yet has to be. */
  endanger(delivered: ReadonlySet<string>): void {
    this.end();
    for (const line of this.lines) line.required &&= delivered.has(line.text);
  }

  private grow(text: string): string {
    this.sizeBytes += Buffer.byteLength(text);
    return text;
  }
}

export interface Delivered {
  readonly fileId: string;
  /** Of the record in its file. */
  readonly start: number;
  readonly text: string;
}

/** Compares what came with what had to come. '' when all is well. */
export function verdict(files: readonly ModelFile[], came: readonly Delivered[]): string {
  const expected = new Map<string, { required: boolean; place: number }>();
  for (const { lines } of files) lines.forEach(({ text, required }, place) => expected.set(text, { required, place }));
  const counts = new Map<string, number>();
  const reached = new Map<string, number>();
  for (const { fileId, text } of came.toSorted((a, b) => a.start - b.start)) {
    const line = expected.get(text);
    if (line === undefined) return `a record that nobody wrote: ${JSON.stringify(text.slice(0, 200))}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (line.place < (reached.get(fileId) ?? -1)) return `out of order in its file: ${text.slice(0, 80)}`;
    reached.set(fileId, line.place);
  }
  const twice = [...counts].filter(([, count]) => count > 1).map(([text]) => text.slice(0, 40));
  if (twice.length > 0) return `${twice.length} lines came more than once, the first: ${twice[0] ?? ''}`;
  const missing = [...expected]
    .filter(([text, { required }]) => required && !counts.has(text))
    .map(([text]) => text.slice(0, 40));
  return missing.length > 0 ? `${missing.length} lines never came, the first: ${missing[0] ?? ''}` : '';
}

/** Complete lines that have to come and did not yet. */
export function outstanding(files: readonly ModelFile[], delivered: ReadonlySet<string>): number {
  return files.reduce(
    (sum, { lines }) => sum + lines.filter(({ text, required }) => required && !delivered.has(text)).length,
    0,
  );
}
