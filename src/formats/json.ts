import { splitMembers } from '../types/json-members.js';
import type { Format } from './format.js';
import { contentStart, looksLikeObject } from './line-bytes.js';
import { mapMembers } from './mapping.js';

/** One JSON object a line (pino, bunyan, winston, zap, slog, logrus, zerolog, logback, ECS, Google Cloud and others). */
export const json: Format = {
  name: 'json',
  read(record, _evidence, { zone }) {
    // Of a split line only the first part can be an object: then the line was one, and its end was what came late.
    if (record.part !== undefined && record.part.index > 0) return undefined;
    if (!looksLikeObject(record)) return undefined;
    const members = splitMembers(record.text.toString('utf8', record.from, record.to));
    if (members === undefined) return undefined;
    Object.assign(record, mapMembers(members, zone));
    return 'record';
  },
  refusal(record) {
    return record.text[contentStart(record)] === 0x7b ? 'the line is not valid JSON' : 'the line is not a JSON object';
  },
};
