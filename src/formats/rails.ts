import { blank, closeBracket, comma, dash, digitsEnd, isBlank, openBracket } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, logger, newHeaderFields, pid, resetFields, take } from './header/header-fields.js';
import { passBlanks } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { levelEnd, levelOfLetter, levelOfWord } from './header/level-words.js';
import { hasAscii, isContinuation } from './line-bytes.js';
import { headOf, restOf } from './header/text-head.js';

/**
 * Ruby's Logger, as Rails and Sidekiq write it: `I, [2026-11-20T09:15:02.123456 #17]  INFO -- shop: message`; and the first line of a request of Rails,
 * `Started GET "/" for 10.0.0.1 at 2026-11-20 09:15:02 +0000`, which stays whole. Source: ruby/logger, lib/logger/formatter.rb.
 */
export const rails: Format = {
  name: 'rails',
  continues: true,
  read(record, _evidence, { zone }) {
    if (isContinuation(record)) return undefined;
    const { text, from } = record;
    if (text[from + 1] === comma && text[from + 2] === blank && text[from + 3] === openBracket) {
      const head = headOf(record);
      resetFields(fields);
      const message = readLogger(head, zone);
      if (message === 0) return undefined;
      fillRecord(record, head, fields);
      record.message = fields.isImpossible ? undefined : restOf(record, message);
      return 'record';
    }
    if (!hasAscii(record, from, 'Started ')) return undefined;
    const head = headOf(record);
    const mark = head.indexOf(' at ');
    resetFields(fields);
    if (mark === -1 || !/^Started [A-Z]{3,7} "/.test(head) || anchorTime(head, mark + 4, zone, fields) === 0)
      return undefined;
    fillRecord(record, head, fields);
    record.message = undefined;
    return 'record';
  },
  refusal: () => "the line is not one of Ruby's logger",
};

const fields = newHeaderFields();

/** Returns the place of the message, 0 when the line is another. */
function readLogger(head: string, zone: Parameters<typeof anchorTime>[2]): number {
  const letter = levelOfLetter(head, 0);
  const timeEnd = anchorTime(head, 4, zone, fields);
  if ((letter === undefined && head.charAt(0) !== 'A') || timeEnd === 0) return 0;
  let at = passBlanks(head, timeEnd);
  if (head.charAt(at) !== '#') return 0;
  const pidEnd = digitsEnd(head, at + 1);
  take(fields, pid, at + 1, pidEnd);
  if (head.charCodeAt(pidEnd) !== closeBracket) return 0;
  at = passBlanks(head, pidEnd + 1);
  const end = levelEnd(head, at);
  // ANY has no level.
  fields.level = levelOfWord(head, at, end);
  if (
    end === at ||
    head.charCodeAt(end) !== blank ||
    head.charCodeAt(end + 1) !== dash ||
    head.charCodeAt(end + 2) !== dash
  )
    return 0;
  at = passBlanks(head, end + 3);
  const mark = head.indexOf(':', at);
  const isName = mark !== -1 && mark - at <= 60 && (mark + 1 >= head.length || isBlank(head.charCodeAt(mark + 1)));
  if (!isName) return 0;
  take(fields, logger, at, mark);
  return head.charCodeAt(mark + 1) === blank ? mark + 2 : mark + 1;
}
