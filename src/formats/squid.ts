import type { LogRecord, Member } from '../types/record.js';
import { digitsEnd, dot, isDigit } from './characters.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { isHost } from './servers/hosts.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import { tokensOf } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { addPositions, type Position } from './positions.js';
import { readTime } from './times/timestamps.js';
import type { Zone } from './times/zone.js';

/** Squid's own access log: `1795511702.123    45 192.0.2.7 TCP_MISS/200 612 GET http://a/ - HIER_DIRECT/10.0.0.9 text/html`. */
export const squid: Format = {
  name: 'squid',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !mayBe(record)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not of Squid',
};

/** A look at the first bytes: seconds, a dot and milliseconds. */
const mayBe = ({ text, from }: LogRecord): boolean =>
  text[from + 10] === dot && text[from + 14] === 0x20 && isDigit(text[from] ?? 0) && isDigit(text[from + 13] ?? 0);

const positions: readonly Position[] = [
  undefined,
  { number: 'squid.elapsed_ms' },
  'source.address',
  undefined,
  { number: 'http.response.bytes' },
  'http.request.method',
  'url.original',
  'user.name',
  'squid.hierarchy',
  'http.response.mime_type',
];

function readEntry(line: string, zone: Zone): Parsed | undefined {
  const finding = newFinding();
  if (digitsEnd(line, 0) !== 10 || readTime(line.slice(0, 14), zone, finding) !== 'time') return undefined;
  const fields = tokensOf(line, 0, line.length);
  const [, elapsed = '', client = '', result = '', , method = '', target = ''] = fields;
  const slash = result.indexOf('/');
  const status = result.slice(slash + 1);
  if (fields.length < 9 || slash < 1 || !isStatus(status) || !isHost(client, 0, client.length)) return undefined;
  if (!/^-?\d{1,15}$/.test(elapsed) || !/^[A-Z_]{1,64}$/.test(result.slice(0, slash))) return undefined;
  const members: Member[] = [];
  addPositions(
    members,
    [...fields.slice(0, 3), result.slice(0, slash)],
    [...positions.slice(0, 3), 'squid.result'],
    '',
  );
  if (status !== '-') members.push({ key: 'http.response.status_code', json: `${Number(status)}` });
  addPositions(members, fields.slice(4), positions.slice(4), 'squid.extra');
  finding.level = levelOfStatus(status);
  finding.message = `${method} ${target} ${status}`;
  finding.members = members;
  return finding;
}
