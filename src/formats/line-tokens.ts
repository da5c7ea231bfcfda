/** Cuts a line at blanks and quotes. Places are indexes into the text; all of it is linear in the text's length. */

/** Place of the blank that ends the token at `from`, or the text's end. */
export function tokenEnd(text: string, from: number): number {
  const at = text.indexOf(' ', from);
  return at === -1 ? text.length : at;
}

/** First place from `from` on that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === blank) at++;
  return at;
}

/**
 * Place of the quote that ends the text which the quote at `from` begins: one with an even number of backslashes before it, and a blank or the text's
 * end behind it, because some servers do not escape quotes. -1 when there is none.
 */
export function quotedEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (at + 1 < text.length && text.charCodeAt(at + 1) !== blank) continue;
    // The runs of backslashes before two quotes never overlap, so counting them stays linear.
    let run = at;
    while (run > from + 1 && text.charCodeAt(run - 1) === backslash) run--;
    if ((at - run) % 2 === 0) return at;
  }
  return -1;
}

/** The tokens of `text[from, to)`; what is quoted is one token, without its quotes; of a quote that is not closed the rest of the line is one. */
export function tokensOf(text: string, from: number, to: number): string[] {
  const tokens: string[] = [];
  let at = skipBlanks(text, from);
  while (at < to) {
    const isQuoted = text.charCodeAt(at) === quote;
    const close = isQuoted ? quotedEnd(text, at) : -1;
    const end = close !== -1 ? close + 1 : isQuoted ? to : tokenEnd(text, at);
    tokens.push(close === -1 ? text.slice(at, Math.min(end, to)) : text.slice(at + 1, close));
    at = skipBlanks(text, end);
  }
  return tokens;
}

const blank = 0x20;
const quote = 0x22;
const backslash = 0x5c;
