import { tokensOf, type Token } from './filter-tokens.js';
import { FilterError } from './filter-error.js';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Value = string | number | boolean | null;

/** What PANNIER_FILTER says, as a tree. A name is a field, dotted; `column` is where a value stands, from 1. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'exists' | 'true'; readonly field: string }
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly comparison: Comparison;
      readonly value: Value;
      readonly column: number;
    }
  | {
      readonly kind: 'in';
      readonly field: string;
      readonly values: readonly { readonly value: Value; readonly column: number }[];
    }
  | { readonly kind: 'contains'; readonly field: string; readonly text: string }
  | { readonly kind: 'matches'; readonly field: string; readonly pattern: string; readonly column: number };

/** Parentheses and `not` nest no deeper: the stack has an end. */
const deepest = 64;

const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ['==', '=='],
  ['=', '=='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/**
 * Reads a filter:
 *
 *     or := and { ("or" | "||") and }        and := unary { ("and" | "&&") unary }        unary := ("not" | "!") unary | "(" or ")" | test
 *     test := "exists" "(" name ")" | name [ comparison value | ["not"] "in" "(" value {"," value} ")" | ["not"] "contains" value | ["not"] "matches" value ]
 *
 * A value is a string in quotes, a number, `true`, `false`, `null` or a word. @throws FilterError with the column
 */
export function parseFilter(text: string): Expression {
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.#or();
    if (this.#next.kind !== 'end') throw this.#unexpected('"and", "or" or the end');
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takeWord('or', '||')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#unary();
    while (this.#takeWord('and', '&&')) left = { kind: 'and', left, right: this.#unary() };
    return left;
  }

  #unary(): Expression {
    if (++this.#depth > deepest) throw new FilterError('nested too deeply', this.#next.column);
    const expression = this.#unaryInside();
    this.#depth--;
    return expression;
  }

  #unaryInside(): Expression {
    if (this.#takeWord('not', '!')) return { kind: 'not', inner: this.#unary() };
    if (!this.#takeSign('(')) return this.#test();
    const inner = this.#or();
    if (!this.#takeSign(')')) throw this.#unexpected('")"');
    return inner;
  }

  #test(): Expression {
    const field = this.#name();
    if (field === 'exists' && this.#takeSign('(')) {
      const inner = this.#name();
      if (!this.#takeSign(')')) throw this.#unexpected('")"');
      return { kind: 'exists', field: inner };
    }
    const token = this.#next;
    const comparison = token.kind === 'sign' ? comparisons.get(token.text) : undefined;
    if (comparison !== undefined) {
      this.#at++;
      return { kind: 'compare', field, comparison, ...this.#value() };
    }
    const negated = this.#takeWord('not', '');
    const test = this.#wordTest(field);
    if (test !== undefined) return negated ? { kind: 'not', inner: test } : test;
    if (negated) throw this.#unexpected('"in", "contains" or "matches"');
    return { kind: 'true', field };
  }

  #wordTest(field: string): Expression | undefined {
    if (this.#takeWord('contains', '')) return { kind: 'contains', field, text: String(this.#value().value) };
    if (this.#takeWord('matches', '=~')) {
      const { value, column } = this.#value();
      return { kind: 'matches', field, pattern: String(value), column };
    }
    if (!this.#takeWord('in', '')) return undefined;
    const closer = this.#takeSign('[') ? ']' : this.#takeSign('(') ? ')' : undefined;
    if (closer === undefined) throw this.#unexpected('"("');
    const values = [this.#value()];
    while (this.#takeSign(',')) values.push(this.#value());
    if (!this.#takeSign(closer)) throw this.#unexpected(`"," or "${closer}"`);
    return { kind: 'in', field, values };
  }

  #name(): string {
    const token = this.#next;
    if (token.kind !== 'word' && token.kind !== 'name') throw this.#unexpected('the name of a field');
    if (token.kind === 'word' && reserved.has(token.text)) throw this.#unexpected('the name of a field');
    this.#at++;
    return token.text;
  }

  #value(): { readonly value: Value; readonly column: number } {
    const token = this.#next;
    const { column } = token;
    if (token.kind === 'string') {
      this.#at++;
      return { value: token.text, column };
    }
    if (token.kind !== 'word' || reserved.has(token.text)) throw this.#unexpected('a value');
    this.#at++;
    return { value: constants.has(token.text) ? constants.get(token.text)! : numberOr(token.text), column };
  }

  get #next(): Token {
    return this.tokens[this.#at]!;
  }

  #takeWord(word: string, sign: string): boolean {
    const { kind, text } = this.#next;
    const isThere = (kind === 'word' && text === word) || (kind === 'sign' && text === sign);
    if (isThere) this.#at++;
    return isThere;
  }

  #takeSign(sign: string): boolean {
    const { kind, text } = this.#next;
    const isThere = kind === 'sign' && text === sign;
    if (isThere) this.#at++;
    return isThere;
  }

  #unexpected(wanted: string): FilterError {
    const { kind, text, column } = this.#next;
    return new FilterError(`expected ${wanted}, not ${kind === 'end' ? 'the end' : `"${text}"`}`, column);
  }
}

const reserved = new Set(['and', 'or', 'not', 'in', 'contains', 'matches']);
const constants = new Map<string, Value | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const numberOr = (word: string): Value => (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word) ? Number(word) : word);
