import { splitMembers } from '../types/json-members.js';
import type { Format } from './format.js';
import { contentStart, isContinuation, looksLikeObject } from './line-bytes.js';
import { mapMembers } from './members/mapping.js';

/** One JSON object a line (pino, bunyan, winston, zap, slog, logrus, zerolog, logback, ECS, Google Cloud and others). */
export const json: Format = {
  name: 'json',
  continues: false,
  read(record, _evidence, { zone }) {
    // The first part of a split line can be a whole object: then only the line's end came late.
    if (isContinuation(record) || !looksLikeObject(record)) return undefined;
    const members = splitMembers(record.text.toString('utf8', record.from, record.to));
    if (members === undefined) return undefined;
    Object.assign(record, mapMembers(members, zone));
    return 'record';
  },
  refusal(record) {
    return record.text[contentStart(record)] === 0x7b ? 'the line is not valid JSON' : 'the line is not a JSON object';
  },
};
