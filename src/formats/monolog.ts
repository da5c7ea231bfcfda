import { closeBracket, colon, dot, isUpper, isWordCode, dash, openBracket } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, logger, newHeaderFields, resetFields, take } from './header/header-fields.js';
import { passBlanks } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { levelOfWord } from './header/level-words.js';
import { isContinuation } from './line-bytes.js';
import { headOf, restOf } from './header/text-head.js';

/**
 * Monolog, as Laravel and Symfony write it: `[2026-11-20T09:15:02.123456+00:00] shop.WARNING: message {"context":1} []`. The channel is the logger; context and extra stay
 * in the message. Source: monolog, Formatter/LineFormatter.php.
 */
export const monolog: Format = {
  name: 'monolog',
  continues: true,
  read(record, _evidence, { zone }) {
    if (record.text[record.from] !== openBracket || record.text[record.from + 5] !== dash || isContinuation(record))
      return undefined;
    const head = headOf(record);
    resetFields(fields);
    const timeEnd = anchorTime(head, 1, zone, fields);
    if (timeEnd === 0 || head.charCodeAt(timeEnd) !== closeBracket || fields.isImpossible) return undefined;
    const start = passBlanks(head, timeEnd + 1);
    let end = start;
    let mark = 0;
    while (isWordCode(head.charCodeAt(end)) || head.charCodeAt(end) === dash || head.charCodeAt(end) === dot) {
      if (head.charCodeAt(end) === dot) mark = end;
      end++;
    }
    if (mark <= start || head.charCodeAt(end) !== colon || !isUpper(head.charCodeAt(mark + 1))) return undefined;
    fields.level = levelOfWord(head, mark + 1, end);
    if (fields.level === undefined) return undefined;
    take(fields, logger, start, mark);
    fillRecord(record, head, fields);
    record.message = restOf(record, passBlanks(head, end + 1));
    return 'record';
  },
  refusal: () => 'the line is not one of Monolog',
};

const fields = newHeaderFields();
