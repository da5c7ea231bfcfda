import { isAscii, isUtf8 } from 'node:buffer';
import type { LinearRegex } from '../../types/linear-regex.js';
import type { RedactionName } from '../../types/redaction-names.js';
import { findIpv4, findIpv6 } from './addresses.js';
import { bitOf, candidates, hidden } from './candidates.js';
import { findCards } from './cards.js';
import { findCredentials } from './credentials.js';
import { findEmails } from './email.js';
import { firstFrom, lastUpTo, unescapeText } from './escapes.js';
import type { Find } from './finding.js';
import { findPrivateKeys } from './private-keys.js';
import { settle, type Range } from './ranges.js';
import { replacementsIn, type Replace } from './replacement.js';
import { findAws, findGcp, findGithub, findJwt, findSlack } from './tokens.js';

const finders: Readonly<Record<RedactionName, Find>> = {
  keys: findPrivateKeys,
  auth: findCredentials,
  jwt: findJwt,
  aws: findAws,
  gcp: findGcp,
  github: findGithub,
  slack: findSlack,
  cards: findCards,
  email: findEmails,
  ipv6: findIpv6,
  ipv4: findIpv4,
};

/** JSON in a string in a string: so deep escapes are resolved. */
const mostLevels = 4;
/** What was cut out may leave something beside it that now stands alone. */
const mostRounds = 8;

export interface RedactorOptions {
  readonly kinds: readonly RedactionName[];
  readonly patterns: ReadonlyMap<string, LinearRegex>;
  readonly replace: Replace;
}

/**
 * Takes secrets out of texts: those of the kinds chosen, and what own patterns match. Escapes hide nothing. What it has redacted it leaves alone, so
 * doing it again changes nothing. Time linear in the text; never throws.
 */
export class Redactor {
  readonly #finders: readonly (readonly [string, number, Find])[];
  readonly #patterns: readonly (readonly [string, LinearRegex])[];
  readonly #wanted: number;
  readonly #isKind: (name: string) => boolean;

  constructor(private readonly options: RedactorOptions) {
    this.#finders = options.kinds.map((kind) => [kind, bitOf[kind], finders[kind]]);
    this.#patterns = [...options.patterns];
    this.#wanted = options.kinds.reduce((bits, kind) => bits | bitOf[kind], hidden);
    const names = new Set<string>([...Object.keys(finders), ...options.patterns.keys()]);
    this.#isKind = (name) => names.has(name);
  }

  /** The text without its secrets; the very string when it holds none. `name`: the field whose value it is, if it is one. */
  text(text: string, name = ''): string {
    const context = contextOf(name);
    if (!this.#mayHold(text, context)) return text;
    let last = text;
    for (let round = 0; round < mostRounds; round++) {
      const next = this.#cut(last, context);
      if (next === last) break;
      last = next;
    }
    return last;
  }

  /**
   * The same for a text that is JSON, or looks like it: each string in it is searched for itself, and a number that is a secret becomes a string, so that
   * JSON stays JSON. What is not in a string is searched too, whatever it is.
   */
  json(json: string, name = ''): string {
    const context = contextOf(name);
    if (!this.#mayHold(json, context)) return json;
    let last = json;
    for (let round = 0; round < mostRounds; round++) {
      const next = this.#cutJson(last, context);
      if (next === last) break;
      last = next;
    }
    return last;
  }

  /** A text of which nothing is known. */
  any(text: string, name = ''): string {
    if (!looksLikeJson(text) || this.#beginsRedacted(text)) return this.text(text, name);
    if (!this.#mayHold(text, contextOf(name))) return text;
    if (isJson(text)) return this.json(text, name);
    // `[main] key="…"` only begins as JSON does: there a secret is not a string, it is what stands before and in one.
    let last = text;
    for (let round = 0; round < mostRounds; round++) {
      const next = this.text(this.json(last, name), name);
      if (next === last) break;
      last = next;
    }
    return last;
  }

  /** What was redacted at the beginning of a text makes no list of it. */
  #beginsRedacted(text: string): boolean {
    return replacementsIn(text.slice(0, longestReplacement), this.#isKind)[0]?.[0] === 0;
  }

  /** Bytes of a line, mostly UTF-8; undefined when they hold no secret. */
  bytes(bytes: Buffer): Buffer | undefined {
    // Byte for byte, so that what is no UTF-8 stays what it is. Own patterns may name other letters than those of ASCII.
    const encoding = this.#patterns.length > 0 && !isAscii(bytes) && isUtf8(bytes) ? 'utf8' : 'latin1';
    const text = bytes.toString(encoding);
    const redacted = this.any(text);
    return redacted === text ? undefined : Buffer.from(redacted, encoding);
  }

  #mayHold(text: string, context: string): boolean {
    return this.#patterns.length > 0 || isTelling(context) || (candidates(text) & this.#wanted) !== 0;
  }

  #cutJson(json: string, context: string): string {
    const ranges: Range[] = [];
    let name = context;
    for (let at = 0; at < json.length;) {
      const open = json.indexOf('"', at);
      const end = open < 0 ? json.length : open;
      this.#find(json.slice(at, end), at, name, true, ranges);
      if (open < 0) break;
      const close = closingQuote(json, open + 1);
      this.#find(json.slice(open + 1, close), open + 1, name, false, ranges);
      at = close + 1;
      // The string before a colon names the value behind it.
      const isName = /^[ \t\r\n]{0,16}:/.test(json.slice(at, at + 17));
      name = isName ? contextOf(json.slice(open + 1, Math.min(close, open + 1 + longestName))) : context;
    }
    return this.#apply(json, ranges);
  }

  #cut(text: string, context: string): string {
    const ranges: Range[] = [];
    this.#find(text, 0, context, false, ranges);
    return this.#apply(text, ranges);
  }

  /** Adds what is found in the text and in what its escapes say, level by level. The text begins at `offset`. */
  #find(text: string, offset: number, context: string, bare: boolean, ranges: Range[]): void {
    let said = text;
    /** Where each character of `said` is in the text; undefined: at its own place. */
    let places: Int32Array | undefined;
    for (let depth = 0; depth <= mostLevels && said !== ''; depth++) {
      const [level, here, within] = [said, places, unescapeText(said)];
      const place = (at: number): number => offset + (here?.[at] ?? at);
      this.#findPlain(level, context, (from, to, kind, value) => {
        // No escape is cut in two: what is left would mean something else.
        const start = within === undefined ? from : firstFrom(within.places, from);
        const end = within === undefined ? to : lastUpTo(within.places, to);
        if (start >= end) return;
        ranges.push({ from: place(start), to: place(end), kind, value: value ?? level.slice(from, to), bare });
      });
      if (within === undefined) return;
      places = here === undefined ? within.places : within.places.map((at) => here[at]!);
      said = within.text;
    }
  }

  #findPlain(
    text: string,
    context: string,
    found: (from: number, to: number, kind: string, value: string | undefined) => void,
  ): void {
    const bits = candidates(text) | (isTelling(context) ? bitOf.auth | bitOf.aws : 0);
    for (const [kind, bit, find] of this.#finders)
      if ((bits & bit) !== 0) find(text, (from, to, value) => found(from, to, kind, value), context);
    for (const [kind, pattern] of this.#patterns) {
      if (!pattern.test(text)) continue;
      for (let match = pattern.exec(text); match !== undefined;) {
        if (match.end > match.index) found(match.index, match.end, kind, undefined);
        match = pattern.exec(text, Math.max(match.end, match.index + 1));
      }
    }
  }

  #apply(text: string, ranges: readonly Range[]): string {
    if (ranges.length === 0) return text;
    const pieces: string[] = [];
    let at = 0;
    for (const { from, to, kind, value, bare } of settle(ranges, replacementsIn(text, this.#isKind))) {
      const replacement = this.options.replace(kind, value ?? text.slice(from, to));
      const isValue = bare && isNumber(text, from, to);
      const start = isValue && text[from - 1] === '-' ? from - 1 : from;
      pieces.push(text.slice(at, start), isValue ? `"${replacement}"` : replacement);
      at = to;
    }
    return at === 0 ? text : pieces.join('') + text.slice(at);
  }
}

/** Of a replacement, in characters. */
const longestReplacement = 64;

/** No name that tells anything is longer. */
const longestName = 64;

const contextOf = (name: string): string => (name === '' ? '' : name.replace(/[_.\- ]/g, '').toLowerCase());

/** Names of fields whose value is a secret that can't be told by itself. */
const isTelling = (context: string): boolean =>
  context !== '' && /authorization$|secret(?:access)?key|sessiontoken|securitytoken/.test(context);

function looksLikeJson(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) return true;
    if (code !== 0x20 && code !== 0x09) return false;
  }
  return false;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The quote that closes the string whose text begins at `from`, or the text's end. */
function closingQuote(json: string, from: number): number {
  for (let at = from; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at++;
  }
  return json.length;
}

/** A whole value of JSON that is no string: of digits and signs, between colon, comma or bracket. */
function isNumber(json: string, from: number, to: number): boolean {
  if (!/^-?\d[\d.eE+-]*$/.test(json.slice(from, Math.min(to, from + 64)))) return false;
  let before = json[from - 1] === '-' ? from - 2 : from - 1;
  while (' \t\r\n'.includes(json[before] ?? 'x')) before--;
  let after = to;
  while (' \t\r\n'.includes(json[after] ?? 'x')) after++;
  const isBegun = before < 0 || ':[,'.includes(json[before]!);
  return isBegun && (after >= json.length || ',]}'.includes(json[after]!));
}
