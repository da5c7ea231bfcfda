import type { LogRecord, Member, Origin } from '../src/types/record.js';

/** What a destination allows in a name that is made from a template. */
export interface NameRules {
  /** What is named, for messages: `index`, `log group`. */
  readonly what: string;
  /** Largest name, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** Finds a character that literal text may not hold (not global, so that it keeps no state). */
  readonly illegalInLiteral: RegExp;
  /** Finds every character that a value may not hold (global). Stricter than the literal's: a value must not build what only the operator may, such as a separator. */
  readonly illegalInValue: RegExp;
  /** Finds what a name may not begin with; a name that begins with a value loses it. */
  readonly illegalStart?: RegExp;
  /** As `illegalStart`, for a value alone: what the operator may begin a name with, and a line may not. */
  readonly illegalValueStart?: RegExp;
  readonly lowerCase: boolean;
  /** True: `{field:…}` may be used; false where a name belongs to a file, not to a record. */
  readonly fields: boolean;
}

/** A name with placeholders (contract, "Templates"), checked once at start, then rendered for each record or file. */
export interface Template {
  /** The name where it is the same for all records and files; undefined when it has a date or a field. */
  readonly constant: string | undefined;
  /** True when it has a field: then records of one time may have different names. */
  readonly hasFields: boolean;
  /** The name for a record. Synchronous, never throws, whatever the record holds. */
  forRecord(record: LogRecord): string;
  /** The name for a moment alone, e.g. the birth of a file; fields read as `unknown`. */
  forTime(timeMs: number): string;
}

export type ParsedTemplate = { readonly template: Template } | { readonly problem: string };

type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'origin'; readonly name: OriginName }
  | { readonly kind: 'field'; readonly path: string }
  | { readonly kind: 'date'; readonly pattern: string };

const originNames = ['pod', 'namespace', 'node', 'container', 'service', 'host'] as const;
type OriginName = (typeof originNames)[number];

const unknown = 'unknown';

/**
 * Parses `pattern` for a destination. The problem text says what is wrong and what would be right, without the setting's name. Callers
 * that only want to check (a settings table) may leave `origin` out.
 */
export function parseTemplate(pattern: string, rules: NameRules, origin: Origin = noOrigin): ParsedTemplate {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length;) {
    const open = pattern.indexOf('{', at);
    const literal = pattern.slice(at, open === -1 ? undefined : open);
    const problem = literalProblem(literal, rules);
    if (problem !== undefined) return { problem };
    if (literal !== '') pieces.push({ kind: 'literal', text: literal });
    if (open === -1) break;
    const close = pattern.indexOf('}', open);
    if (close === -1) return { problem: `the placeholder ${pattern.slice(open)} has no closing brace` };
    const piece = placeholder(pattern.slice(open + 1, close), rules);
    if ('problem' in piece) return piece;
    pieces.push(piece);
    at = close + 1;
  }
  return build(pieces, rules, origin);
}

const noOrigin: Origin = {
  pod: '',
  namespace: '',
  node: '',
  podUid: '',
  container: '',
  service: '',
  host: '',
  labels: {},
};

function literalProblem(literal: string, rules: NameRules): string | undefined {
  if (literal.includes('}')) return 'it has a closing brace without an opening one';
  if (rules.lowerCase && literal !== literal.toLowerCase()) return `the ${rules.what} must be lower case`;
  const illegal = rules.illegalInLiteral.exec(literal);
  return illegal === null ? undefined : `the ${rules.what} may not contain ${JSON.stringify(illegal[0])}`;
}

function placeholder(inside: string, rules: NameRules): Piece | { readonly problem: string } {
  const name = originNames.find((candidate) => candidate === inside);
  if (name !== undefined) return { kind: 'origin', name };
  if (inside.startsWith('field:')) {
    const path = inside.slice('field:'.length);
    if (path === '') return { problem: '{field:…} needs the name of a field' };
    if (!rules.fields)
      return { problem: `{${inside}} cannot be used: the ${rules.what} belongs to a file, not to a record` };
    return { kind: 'field', path };
  }
  if (/^(?:yyyy|MM|dd|HH|[._-])*yyyy(?:yyyy|MM|dd|HH|[._-])*$/.test(inside)) return { kind: 'date', pattern: inside };
  const known = [...originNames.map((known) => `{${known}}`), ...(rules.fields ? ['{field:a.b}'] : []), '{yyyy.MM.dd}'];
  return { problem: `{${inside}} is not known; there are ${known.join(' ')}` };
}

function build(pieces: readonly Piece[], rules: NameRules, origin: Origin): ParsedTemplate {
  if (pieces.length === 0) return { problem: `the ${rules.what} is empty` };
  const values = pieces.filter(({ kind }) => kind === 'origin' || kind === 'field').length;
  const room = rules.maxBytes - pieces.reduce((sum, piece) => sum + fixedBytes(piece), 0);
  if (room < values * unknown.length) return { problem: `the ${rules.what} is longer than ${rules.maxBytes} bytes` };
  const valueBytes = values === 0 ? 0 : Math.floor(room / values);
  const begin = fixedStart(pieces[0]);
  if (begin !== '' && rules.illegalStart?.test(begin) === true)
    return { problem: `the ${rules.what} may not begin with ${JSON.stringify(begin.slice(0, 1))}` };
  // What does not change is made once; literals, fields and dates are left.
  const fixed = pieces.map((piece, i): Piece =>
    piece.kind === 'origin'
      ? { kind: 'literal', text: cleanValue(originValue(piece.name, origin), rules, valueBytes, i === 0) }
      : piece,
  );
  const template = new PieceTemplate(fixed, rules, valueBytes);
  // Only literal text can come to this, as no value is all dots.
  if (/^\.\.?$/.test(template.constant ?? '')) return { problem: `${JSON.stringify(template.constant)} is no name` };
  return { template };
}

/** Bytes that the operator's pattern takes whatever the values are. A date is as long as its pattern. */
function fixedBytes(piece: Piece): number {
  return piece.kind === 'literal' ? Buffer.byteLength(piece.text) : piece.kind === 'date' ? piece.pattern.length : 0;
}

function fixedStart(piece: Piece | undefined): string {
  return piece?.kind === 'literal' ? piece.text : piece?.kind === 'date' ? piece.pattern : '';
}

function originValue(name: OriginName, origin: Origin): string {
  if (origin[name] !== '' || name !== 'pod') return origin[name];
  // Outside of Kubernetes: the ECS task, else the machine.
  return origin.task === undefined || origin.task === '' ? origin.host : origin.task;
}

/** A value made fit for a name: case, characters, length; never empty, never dots only (which name a folder). Reads no more of it than fits. */
function cleanValue(value: string, rules: NameRules, maxBytes: number, first: boolean): string {
  let clean = '';
  let bytes = 0;
  for (const character of value) {
    const fit = (rules.lowerCase ? character.toLowerCase() : character)
      .replace(/\p{Cs}/gu, '-')
      .replace(rules.illegalInValue, '-');
    if (first && clean === '' && (rules.illegalValueStart ?? rules.illegalStart)?.test(fit) === true) continue;
    bytes += Buffer.byteLength(fit);
    if (bytes > maxBytes) break;
    clean += fit;
  }
  return /^\.*$/.test(clean) ? unknown : clean;
}

class PieceTemplate implements Template {
  readonly constant: string | undefined;
  readonly hasFields: boolean;
  #hour = Number.NaN;
  #hourName = '';

  constructor(
    private readonly pieces: readonly Piece[],
    private readonly rules: NameRules,
    private readonly valueBytes: number,
  ) {
    this.hasFields = pieces.some(({ kind }) => kind === 'field');
    this.constant = pieces.every(({ kind }) => kind === 'literal') ? this.render(0, undefined) : undefined;
  }

  forRecord(record: LogRecord): string {
    return this.constant ?? (this.hasFields ? this.render(record.timeMs, record) : this.forTime(record.timeMs));
  }

  forTime(timeMs: number): string {
    if (this.constant !== undefined) return this.constant;
    // The finest date part is the hour, so records of one hour share one name.
    const hour = Math.floor(timeMs / 3_600_000);
    if (hour !== this.#hour) {
      this.#hourName = this.render(timeMs, undefined);
      this.#hour = hour;
    }
    return this.#hourName;
  }

  private render(timeMs: number, record: LogRecord | undefined): string {
    const texts = this.pieces.map((piece, i) => {
      if (piece.kind === 'literal') return piece.text;
      if (piece.kind === 'date') return formatDate(piece.pattern, timeMs);
      if (piece.kind === 'origin' || record === undefined) return unknown;
      return cleanValue(fieldText(record, piece.path), this.rules, this.valueBytes, i === 0);
    });
    return texts.join('');
  }
}

/** UTC, as long as the pattern. A time outside of what a date can say counts as 1970: a name is needed all the same. */
function formatDate(pattern: string, timeMs: number): string {
  const date = new Date(Math.abs(timeMs) <= 8.64e15 ? timeMs : 0);
  const two = (value: number) => String(value).padStart(2, '0');
  const parts: Readonly<Record<string, string>> = {
    yyyy: String(Math.min(9999, Math.max(0, date.getUTCFullYear()))).padStart(4, '0'),
    MM: two(date.getUTCMonth() + 1),
    dd: two(date.getUTCDate()),
    HH: two(date.getUTCHours()),
  };
  return pattern.replace(/yyyy|MM|dd|HH/g, (part) => parts[part] ?? part);
}

/** The text of a field of the line (or `log.level`), found by its dotted name or by nesting; '' when there is none, or it is no scalar. */
function fieldText(record: LogRecord, path: string): string {
  if (path === 'log.level' && record.level !== undefined) return record.level;
  const found = lookUp(path, (key) => record.members.find((member) => member.key === key)?.json, parsed);
  return typeof found === 'string'
    ? found
    : typeof found === 'number' || typeof found === 'boolean'
      ? String(found)
      : '';
}

/** Tries the whole path as a key, then each shorter beginning with the rest looked up inside. Bounded by the dots of the operator's pattern. */
function lookUp<T>(path: string, get: (key: string) => T | undefined, value: (found: T) => unknown): unknown {
  const whole = get(path);
  if (whole !== undefined) return value(whole);
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const outer = get(path.slice(0, dot));
    if (outer === undefined) continue;
    const inside = value(outer);
    if (typeof inside !== 'object' || inside === null) continue;
    const entries = new Map<string, unknown>(Object.entries(inside));
    const found = lookUp(
      path.slice(dot + 1),
      (key) => entries.get(key),
      (entry) => entry,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(json: Member['json']): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
