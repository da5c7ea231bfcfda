import { bar, blank, dash, escape, isDigit, isLetter, openBrace, underscore } from './characters.js';
import type { Evidence, Format } from './format.js';
import { colourEnd, passBlanks } from './header/header-tokens.js';
import { isContinuation } from './line-bytes.js';
import { headOf, member } from './header/text-head.js';

/**
 * What `docker compose up` and `logs` write before each line: the container's name, blanks and a bar, in colours on a terminal: `web-1  | GET /`. Without other
 * evidence the name has a number behind a dash or underscore, or stands in colours, or JSON is behind the bar: a table has such bars too.
 */
export const compose: Format = {
  name: 'compose',
  continues: false,
  read(record, evidence, { groups }) {
    const first = record.text[record.from] ?? 0;
    if ((!isLetter(first) && first !== escape && !isDigit(first)) || isContinuation(record)) return undefined;
    const payload = readPrefix(record, evidence);
    if (payload === undefined) return undefined;
    const members = [member('container.name', payload.name)];
    const wrapping = {
      stream: '',
      timeMs: Number.NaN,
      timeText: '',
      isPartial: false,
      members,
      errorMessage: undefined,
    } as const;
    return groups.add(record, wrapping, record.text, record.from + payload.at, record.to);
  },
  refusal: () => 'the line does not begin with the name of a container and a bar',
};

const longestName = 64;

function readPrefix(
  record: Parameters<Format['read']>[0],
  evidence: Evidence,
): { name: string; at: number } | undefined {
  // Tells text apart without a string.
  const limit = Math.min(record.to, record.from + longestName + 30);
  let mark = record.from;
  while (mark < limit && record.text[mark] !== bar) mark++;
  if (mark === limit || record.text[mark - 1] !== blank) return undefined;
  const head = headOf(record);
  const start = passBlanks(head, 0);
  let end = start;
  while (isNameCode(head.charCodeAt(end)) && end < start + longestName) end++;
  const place = passBlanks(head, end);
  if (end === start || place === end || head.charCodeAt(place) !== bar) return undefined;
  const behind = place + 1;
  if (behind < head.length && head.charCodeAt(behind) !== blank && head.charCodeAt(behind) !== escape) return undefined;
  const content = head.charCodeAt(behind) === escape ? skipColours(head, behind) : behind;
  const at = head.charCodeAt(content) === blank ? content + 1 : content;
  const isSure = start > 0 || isNumbered(head, end) || head.charCodeAt(at) === openBrace;
  return evidence === 'none' && !isSure ? undefined : { name: head.slice(start, end), at: Math.min(at, head.length) };
}

/** The colour of the name ends behind the bar; what is behind the blank then is the line's own. */
function skipColours(head: string, from: number): number {
  let at = from;
  while (head.charCodeAt(at) === escape) at = colourEnd(head, at);
  return at;
}

/** Characters of a container's name; not those of other letters. */
const isNameCode = (code: number): boolean =>
  isLetter(code) || isDigit(code) || code === dash || code === underscore || code === 0x2e;

function isNumbered(head: string, end: number): boolean {
  let at = end;
  while (isDigit(head.charCodeAt(at - 1))) at--;
  return at < end && (head.charCodeAt(at - 1) === dash || head.charCodeAt(at - 1) === underscore);
}
