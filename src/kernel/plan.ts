import type { ItemLayout, ItemPart } from '../types/batch.js';
import type { FileFacts, Level } from '../types/record.js';
import { levelTexts, messageStart, type DocumentPart, type DocumentWriter } from './document.js';

/** The numbers of a plan's steps, as in `src/kernel/assembly/item.ts`. */
const op = {
  literal: 0,
  start: 1,
  end: 2,
  time: 3,
  message: 4,
  level: 5,
  members: 6,
  line: 7,
  timeMs: 8,
  under: 9,
  root: 10,
} as const;
const opWords = 3;

/** In the order in which the kernel numbers them, from 1. */
export const levelOrder: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** A level's literal, and in its last byte how many bytes of it count. */
const levelBytes = 32;

/** Most bytes of a piece that is no literal, beside the text of the line. */
const pieceBytes = 48;
/** The kernel stores 16 bytes at a time, stops 32 bytes early, and may add 6 bytes to each of 128 members. */
const reserve = 1024;

const hourMs = 3_600_000;

/** What the kernel needs to know to write the items of one file: steps, and the literals they name, in the kernel's memory. */
export interface Plan {
  readonly opsAddress: number;
  readonly opCount: number;
  /** Most bytes that an item takes beside its text. */
  readonly fixedBytes: number;
  /** Times for which it holds: [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A step before it has an address. `number` is what some have instead of a text's length. */
type Step = { readonly kind: number; readonly text: string; readonly number?: number };

/**
 * Writes the plan for a file into `area`. Undefined: the items of this output can't be written without an object for each line, or the literals do not
 * fit.
 */
export function makePlan(
  layout: ItemLayout,
  document: DocumentWriter,
  file: FileFacts,
  timeMs: number,
  area: Buffer,
): Plan | undefined {
  const steps: Step[] = [];
  let isHourly = false;
  for (const part of layout.parts) {
    if (typeof part === 'object' && 'each' in part) return undefined;
    const more =
      part === 'document' ? document.plainParts(file.path)?.map(documentStep) : itemSteps(part, file, timeMs);
    if (more === undefined) return undefined;
    isHourly ||= typeof part === 'object' && 'hourly' in part;
    steps.push(...more);
  }
  const hour = Math.floor(timeMs / hourMs) * hourMs;
  const span = isHourly ? { fromMs: hour, toMs: hour + hourMs } : { fromMs: -Infinity, toMs: Infinity };
  const written = store(joinLiterals(steps), area);
  return written && { ...written, ...span };
}

function itemSteps(part: Exclude<ItemPart, 'document'>, file: FileFacts, timeMs: number): Step[] | undefined {
  if (part === 'id')
    return [literal(`${file.fileId}-`), { kind: op.start, text: '' }, literal('-'), { kind: op.end, text: '' }];
  if (part === 'line') return [{ kind: op.line, text: '' }];
  if (part === 'time-ms') return [{ kind: op.timeMs, text: '' }];
  if ('literal' in part) return [literal(part.literal)];
  return 'hourly' in part ? [literal(part.hourly(timeMs))] : undefined;
}

function documentStep(part: DocumentPart): Step {
  if (typeof part === 'object') {
    if ('under' in part) return { kind: op.under, text: '', number: part.under };
    // The root's number follows its name.
    if (part.root !== undefined) return { kind: op.root, text: `${part.literal}${String.fromCharCode(part.root)}` };
    return literal(part.literal);
  }
  if (part === 'message') return { kind: op.message, text: messageStart };
  return { kind: op[part], text: '' };
}

const literal = (text: string): Step => ({ kind: op.literal, text });

function joinLiterals(steps: readonly Step[]): Step[] {
  const joined: Step[] = [];
  for (const step of steps) {
    const last = joined.at(-1);
    if (step.kind === op.literal && last?.kind === op.literal)
      joined[joined.length - 1] = literal(last.text + step.text);
    else joined.push(step);
  }
  return joined;
}

/** Steps first, then the levels, then the literals. */
function store(steps: readonly Step[], area: Buffer): Pick<Plan, 'opsAddress' | 'opCount' | 'fixedBytes'> | undefined {
  const levelsAt = steps.length * opWords * 4;
  let at = levelsAt + levelOrder.length * levelBytes;
  const texts = steps.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (at + texts > area.length) return undefined;
  levelOrder.forEach((level, i) => {
    const place = levelsAt + i * levelBytes;
    area[place + levelBytes - 1] = area.write(levelTexts[level], place, 'latin1');
  });
  steps.forEach(({ kind, text, number }, i) => {
    const length = area.write(text, at);
    const [address, bytes] = kind === op.level ? [levelsAt, levelBytes] : [at, number ?? length];
    area.writeUInt32LE(kind, i * opWords * 4);
    area.writeUInt32LE(area.byteOffset + address, i * opWords * 4 + 4);
    area.writeUInt32LE(bytes, i * opWords * 4 + 8);
    at += length;
  });
  return {
    opsAddress: area.byteOffset,
    opCount: steps.length,
    fixedBytes: texts + steps.length * pieceBytes + reserve,
  };
}
