import type { LinearRegex } from '../types/linear-regex.js';
import type { Format } from './format.js';
import { mapMembers } from './members/mapping.js';
import { membersOf } from './members/value-text.js';

/**
 * A format of one's own, by a pattern with named groups: they count as members (contract, "Records"). A line is of it when the pattern occurs in it, so
 * one that is to fit the whole line has to say so with `^` and `$`. Of lines that belong together the first is matched, and the others
 * go on with its message. Without a group that is a message the message is the text as it is.
 */
export function regexFormat(pattern: LinearRegex): Format {
  return {
    name: 'regex',
    continues: true,
    read(record, _evidence, { zone }) {
      if (record.part !== undefined) return undefined;
      const text = record.text.toString('utf8', record.from, record.to);
      const lineEnd = text.indexOf('\n');
      const line = lineEnd === -1 ? text : text.slice(0, lineEnd);
      const match = pattern.exec(line);
      if (match === undefined) return undefined;
      const parsed = mapMembers(membersOf(match.groups), zone);
      const rest = text.slice(line.length);
      parsed.message = typeof parsed.message === 'string' ? parsed.message + rest : undefined;
      Object.assign(record, parsed);
      return 'record';
    },
    refusal: () => 'the line does not match the pattern',
  };
}
