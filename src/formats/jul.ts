import { colon, isLetter, isWordCode, lineFeed } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, logger, newHeaderFields, originFunction, resetFields, take } from './header/header-fields.js';
import { isDottedName, passBlanks, wordEnd } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { levelEnd, levelOfWord } from './header/level-words.js';
import { isContinuation } from './line-bytes.js';
import { headOf, restOf } from './header/text-head.js';

/**
 * java.util.logging's SimpleFormatter: `Nov 20, 2026 9:15:02 AM com.shop.Orders take` and, below it, `INFO: message`. Where the two lines were not joined, the first has
 * a time and a logger, and stays whole. Source: java.util.logging.SimpleFormatter.
 */
export const jul: Format = {
  name: 'jul',
  continues: true,
  read(record, _evidence, { zone }) {
    const { text, from } = record;
    // `Nov 20, 2026 `
    if (!isLetter(text[from] ?? 0) || (text[from + 5] !== 0x2c && text[from + 6] !== 0x2c) || isContinuation(record))
      return undefined;
    const head = headOf(record);
    resetFields(fields);
    const timeEnd = anchorTime(head, 0, zone, fields);
    if (timeEnd === 0 || fields.isImpossible) return undefined;
    const nameAt = passBlanks(head, timeEnd);
    const nameEnd = wordEnd(head, nameAt);
    if (!isDottedName(head, nameAt, nameEnd)) return undefined;
    const methodAt = passBlanks(head, nameEnd);
    let lineEnd = methodAt;
    while (isWordCode(head.charCodeAt(lineEnd)) || '<>$'.includes(head.charAt(lineEnd) || ' ')) lineEnd++;
    if (lineEnd < head.length && head.charCodeAt(lineEnd) !== lineFeed) return undefined;
    take(fields, logger, nameAt, nameEnd);
    take(fields, originFunction, methodAt, lineEnd);
    const end = levelEnd(head, lineEnd + 1);
    const level = head.charCodeAt(end) === colon ? levelOfWord(head, lineEnd + 1, end) : undefined;
    fields.level = level;
    fillRecord(record, head, fields);
    record.message = level === undefined ? undefined : restOf(record, passBlanks(head, end + 1));
    return 'record';
  },
  refusal: () => 'the line is not one of java.util.logging',
};

const fields = newHeaderFields();
