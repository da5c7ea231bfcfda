/** Rules look at this many bytes of a line's beginning and of its end. */
const headBytes = 160;
const tailBytes = 40;

/** A line as the rules of the languages see it: how far it is indented, its first bytes after that, and its last ones. One object for all lines. */
export class LineHead {
  /** White space before the text, in bytes. */
  indent = 0;
  /** The beginning of the text, as Latin-1: rules compare with ASCII. */
  text = '';
  /** The end of the line without white space behind it. */
  tail = '';

  fill(bytes: Buffer, from: number, to: number): void {
    let start = from;
    while (start < to && isBlank(bytes[start]!)) start++;
    let end = to;
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    this.indent = start - from;
    this.text = bytes.toString('latin1', start, Math.min(end, start + headBytes));
    this.tail = end - start <= headBytes ? this.text : bytes.toString('latin1', Math.max(start, end - tailBytes), end);
  }

  starts(prefix: string): boolean {
    return this.text.startsWith(prefix);
  }

  ends(suffix: string): boolean {
    return this.tail.endsWith(suffix);
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Place behind the digits that begin at `from`. */
export function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** Place behind the name with dots (`java.lang.Error`, `pkg.MyError`) that begins at `from`. */
export function nameEnd(text: string, from: number): number {
  let at = from;
  while (isNameCode(text.charCodeAt(at))) at++;
  return at;
}

const isNameCode = (code: number): boolean =>
  isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x5f || code === 0x2e || code === 0x24;
