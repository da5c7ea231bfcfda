const quote = 0x22;
const backslash = 0x5c;

/**
 * Follows JSON that is printed over several lines, from a brace or bracket alone on its line to the one that closes it. A string can't go over a line's end,
 * so two numbers are the whole state: how deep it is, and the last mark. What can't follow in JSON ends it.
 */
export class JsonLines {
  /** Brackets that are open; 0: there is none. */
  depth = 0;
  private last = 0;
  private nextDepth = 0;
  private nextLast = 0;

  /** True when the line is an opening brace or bracket and nothing else. */
  begin(text: Buffer, from: number, to: number): boolean {
    this.depth = 0;
    const first = text[from];
    if (first !== 0x7b && first !== 0x5b) return false;
    for (let at = from + 1; at < to; at++) if (!isBlank(text[at]!)) return false;
    this.depth = 1;
    this.last = first;
    return true;
  }

  /** Whether the line can go on with it. A line that is not indented can only close it. */
  judge(text: Buffer, from: number, to: number): boolean {
    let { depth, last } = this;
    const isIndented = isBlank(text[from]!);
    if (!isIndented && !isCloser(text[from]!)) return false;
    for (let at = from; at < to; at++) {
      const byte = text[at]!;
      if (isBlank(byte)) continue;
      if (depth === 0) return false;
      if (byte === quote) {
        if (!startsValue(last)) return false;
        at = stringEnd(text, at + 1, to);
        if (at === to) return false;
        last = quote;
      } else if (byte === 0x7b || byte === 0x5b) {
        if (!startsValue(last)) return false;
        depth += 1;
        last = byte;
      } else if (isCloser(byte)) {
        if (last === 0x3a || last === 0x2c) return false;
        depth -= 1;
        last = byte;
      } else if (byte === 0x3a || byte === 0x2c) {
        if (startsValue(last)) return false;
        last = byte;
      } else if (isScalar(byte)) {
        if (!startsValue(last) && last !== scalar) return false;
        last = scalar;
      } else return false;
    }
    this.nextDepth = depth;
    this.nextLast = last;
    return true;
  }

  /** True when the line that was judged last closes it. */
  get closes(): boolean {
    return this.nextDepth === 0;
  }

  accept(): void {
    this.depth = this.nextDepth;
    this.last = this.nextLast;
  }
}

/** Any byte of a number, `true`, `false` or `null`. */
const scalar = 1;
const isScalar = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x45 || byte === 0x2b || byte === 0x2d || byte === 0x2e; // prettier-ignore
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isCloser = (byte: number): boolean => byte === 0x7d || byte === 0x5d;
/** Behind `{`, `[`, `:` and `,`. */
const startsValue = (last: number): boolean => last === 0x7b || last === 0x5b || last === 0x3a || last === 0x2c;

/** Place of the quote that ends the string at `from`, `to` when none does. */
function stringEnd(text: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (text[at] === quote) return at;
    if (text[at] === backslash) at += 1;
  }
  return to;
}
