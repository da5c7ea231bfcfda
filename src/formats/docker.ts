import { splitMembers } from '../types/json-members.js';
import type { Member } from '../types/record.js';
import type { TimeFields } from './times/civil-time.js';
import type { Evidence, Format } from './format.js';
import { hasAscii, isContinuation, looksLikeObject } from './line-bytes.js';
import { stringValue } from './members/mapping.js';
import type { Stream, Wrapping } from './groups/part-groups.js';
import { readTime } from './times/timestamps.js';
import type { Zone } from './times/zone.js';

/**
 * Docker's json-file driver: `{"log":"…\n","stream":"stdout","attrs":{…},"time":"…"}`. A `log` without line end is a part of a line
 * (the driver cuts at 16 KiB) and is joined. Guessed, a line must have just these members, `log` first, as the driver writes them.
 */
export const docker: Format = {
  name: 'docker',
  continues: false,
  read(record, evidence, { zone, groups }) {
    if (isContinuation(record) || !looksLikeObject(record)) return undefined;
    // Any other JSON line would be split into members twice, here and as JSON.
    if (evidence !== 'demanded' && !hasAscii(record, record.from, '{"log":"')) return undefined;
    const members = splitMembers(record.text.toString('utf8', record.from, record.to));
    const log = stringValue(members?.find(({ key }) => key === 'log')?.json ?? '');
    if (members === undefined || log === undefined) return undefined;
    const wrapping = readWrapping(members, !log.endsWith('\n'), zone);
    if (wrapping === undefined || !isConvincing(members, wrapping, evidence)) return undefined;
    const payload = Buffer.from(log.replace(/\r?\n$/, ''));
    return groups.add(record, wrapping, payload, 0, payload.length);
  },
  refusal: () => 'the line is not a line of the Docker json-file driver',
};

const driverKeys = ['log', 'stream', 'attrs', 'time'];

function isConvincing(members: readonly Member[], wrapping: Wrapping, evidence: Evidence): boolean {
  if (evidence === 'demanded') return true;
  if (!members.every(({ key }) => driverKeys.includes(key))) return false;
  if (wrapping.stream !== '' && !Number.isNaN(wrapping.timeMs)) return true;
  // A whole line and nothing else may be an application's own JSON, which reads the same. A part would be joined with what follows.
  return members.length === 1 && (evidence === 'usual' || !wrapping.isPartial);
}

/** Undefined when the stream is none that the driver knows: only these are joined, so a line can't open groups without end. */
function readWrapping(members: readonly Member[], isPartial: boolean, zone: Zone): Wrapping | undefined {
  const value = (key: string): string | undefined => members.find((member) => member.key === key)?.json;
  const stream = streamOf(value('stream'));
  if (stream === undefined) return undefined;
  const time: TimeFields = { timeMs: Number.NaN, timeText: '' };
  const reading = readTime(stringValue(value('time') ?? '') ?? '', zone, time);
  const kept = members.filter(({ key }) => key !== 'log' && !(key === 'time' && reading === 'time'));
  const errorMessage = reading === 'impossible' ? 'the time in "time" is impossible' : undefined;
  return { stream, ...time, isPartial, members: kept, errorMessage };
}

function streamOf(json: string | undefined): Stream | undefined {
  if (json === undefined) return '';
  const stream = stringValue(json);
  return stream === 'stdout' || stream === 'stderr' ? stream : undefined;
}
