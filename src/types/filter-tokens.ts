import { FilterError } from './filter-error.js';

export interface Token {
  /** A `name` was written in backticks: it is a field whatever its letters. */
  readonly kind: 'word' | 'name' | 'string' | 'sign' | 'end';
  readonly text: string;
  /** Of its first character, from 1. */
  readonly column: number;
}

const blank = /\s+/y;
const sign = /==|!=|<=|>=|=~|&&|\|\||[=<>!()[\],]/y;
const word = /[\w@.*/:+-]+/y;

/** Splits a filter; the last token is its end. @throws FilterError */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const column = at + 1;
    const quote = text.charAt(at);
    if (quote === '"' || quote === "'" || quote === '`') {
      const { value, end } = quoted(text, at, quote);
      tokens.push({ kind: quote === '`' ? 'name' : 'string', text: value, column });
      at = end;
      continue;
    }
    const skipped = matchAt(blank, text, at);
    if (skipped !== '') {
      at += skipped.length;
      continue;
    }
    const asSign = matchAt(sign, text, at);
    const token = asSign === '' ? matchAt(word, text, at) : asSign;
    if (token === '')
      throw new FilterError(`"${String.fromCodePoint(text.codePointAt(at)!)}" means nothing here`, column);
    tokens.push({ kind: asSign === '' ? 'word' : 'sign', text: token, column });
    at += token.length;
  }
  tokens.push({ kind: 'end', text: '', column: text.length + 1 });
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** A backslash before the quote or a backslash means that character; before another it stays, as patterns have many. */
function quoted(text: string, from: number, quote: string): { value: string; end: number } {
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === quote) return { value, end: at + 1 };
    const next = text.charAt(at + 1);
    if (character === '\\' && next === quote) {
      value += next;
      at++;
    } else value += character;
  }
  throw new FilterError(`the ${quote} is not closed`, from + 1);
}
