import { printable } from '../../../config/mask.js';
import type { Attempt, Explanation } from '../../formats/explain.js';
import { changesOf, nameOf, type Shown } from './shown.js';
import { timeOf } from './shown-json.js';

/** Colours of a terminal; without them, the texts as they are. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly level: (level: string, text: string) => string;
  readonly bad: (text: string) => string;
}

const escape = '\u001b[';
const wrapped =
  (code: string) =>
  (text: string): string =>
    `${escape}${code}m${text}${escape}0m`;
const levelCodes = new Map([
  ['trace', '90'],
  ['debug', '36'],
  ['info', '32'],
  ['warn', '33'],
  ['error', '31'],
  ['fatal', '1;31'],
]);

const same = (text: string): string => text;
export const plainPaint: Paint = { bold: same, dim: same, level: (_level, text) => text, bad: same };
export const colours: Paint = {
  bold: wrapped('1'),
  dim: wrapped('2'),
  level: (level, text) => wrapped(levelCodes.get(level) ?? '0')(text),
  bad: wrapped('31'),
};

/** A record for a person: what it was read as, then its message, then its fields. What lines hold is not trusted with a terminal. */
export function shownText(shown: Shown, explanation: Explanation | undefined, paint: Paint): string {
  const { line, lines, format, hasTime, sent, heldBack, micros } = shown;
  const place = lines === 0 ? '-' : lines === 1 ? `${line}` : `${line}-${line + lines - 1}`;
  const head = [
    paint.bold(place.padStart(6)),
    nameOf(format).padEnd(8),
    paint.level(sent.level ?? '', (sent.level ?? '-').padEnd(5)),
    (timeOf(sent, hasTime) ?? '-').padEnd(24),
    paint.dim(`${micros.toFixed(1)} µs`),
    ...(heldBack === '' ? [] : [paint.bad(`held back: ${heldBack}`)]),
  ];
  const text: string[] = [head.join('  ')];
  for (const each of sent.message?.split('\n') ?? []) text.push(`        ${printable(each.replaceAll('\t', '    '))}`);
  if (sent.logger !== undefined) text.push(field('log.logger', sent.logger, paint));
  for (const { key, json } of sent.members) text.push(field(key, json, paint));
  if (sent.errorMessage !== undefined) text.push(`        ${paint.bad(printable(sent.errorMessage))}`);
  if (explanation !== undefined) text.push(...reasons(shown, explanation).map((each) => `        ${paint.dim(each)}`));
  return `${text.join('\n')}\n`;
}

const field = (key: string, value: string, paint: Paint): string =>
  `        ${paint.dim(printable(key))} ${printable(value)}`;

function reasons(shown: Shown, { isPlain, attempts, payload }: Explanation): readonly string[] {
  const { changed, gone } = changesOf(shown);
  const known = shown.known.split(' ', 1)[0]!.replace(/^auto:?/, '');
  return [
    isPlain ? 'why: its first bytes show nothing of any format, so none was asked' : chosen(attempts),
    ...(payload.length === 0 ? [] : [`inside, ${chosen(payload)}`]),
    ...(known === '' ? [] : [`the file was known as ${known}`]),
    ...(shown.lines > 1 ? [`${shown.lines} lines belong together`] : []),
    ...(changed.length === 0 ? [] : [`changed: ${changed.map(printable).join(', ')}`]),
    ...(gone.length === 0 ? [] : [`left out or renamed: ${gone.map(printable).join(', ')}`]),
  ];
}

function chosen(attempts: readonly Attempt[]): string {
  if (attempts.length === 0) return 'why: the format is raw';
  const last = attempts.at(-1)!;
  const refused = attempts.filter(({ refusal }) => refusal !== undefined);
  const whyNot = refused.map(({ format, refusal = '' }) => `${format} (${refusal})`).join(', ');
  if (last.refusal !== undefined) return `why: no format reads it: ${whyNot}`;
  const others = refused.length === 0 ? '' : `; tried before: ${refused.map(({ format }) => format).join(', ')}`;
  return `why: ${evidence[last.evidence]} ${last.format}${others}`;
}

const evidence = {
  demanded: 'it was demanded, and the line is of it:',
  usual: 'most lines of the file are of it, and this one fits:',
  none: 'the line itself shows',
} as const;
