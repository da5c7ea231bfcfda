import type { LogRecord, Member } from '../types/record.js';
import { isServerTimeAt, readServerTime } from './times/clf-time.js';
import { addText } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { isHost } from './servers/hosts.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import { tokenEnd, tokensOf } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { addPositions, type Position } from './positions.js';
import { addRequest } from './servers/request-line.js';
import type { Zone } from './times/zone.js';

/**
 * Access logs of S3 buckets: `owner bucket [time] client requester id operation key "request" status error sent size total turnaround "referrer" "agent" …`. Fields
 * behind the agent become `aws.s3.extra`.
 */
export const s3Access: Format = {
  name: 's3-access',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !mayBe(record)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not of an S3 bucket',
};

/** An owner is the hexadecimal text of 32 bytes. */
const ownerLength = 64;

/** A look at a few of the first bytes. */
const mayBe = ({ text, from }: LogRecord): boolean =>
  text[from + ownerLength] === 0x20 && isHex(text[from]) && isHex(text[from + 31]) && isHex(text[from + 63]);

const isHex = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66));

const positions: readonly Position[] = [
  'source.address',
  'user.id',
  'http.request.id',
  'event.action',
  'aws.s3.key',
  undefined,
  { number: 'http.response.status_code' },
  'aws.s3.error_code',
  { number: 'http.response.body.bytes' },
  { number: 'aws.s3.object_bytes' },
  { number: 'aws.s3.total_ms' },
  { number: 'aws.s3.turnaround_ms' },
  'http.request.referrer',
  'user_agent.original',
];

function readEntry(line: string, zone: Zone): Parsed | undefined {
  const bucketEnd = tokenEnd(line, ownerLength + 1);
  const close = line.indexOf(']', bucketEnd);
  if (!isServerTimeAt(line, bucketEnd + 1) || close === -1 || close > bucketEnd + 40) return undefined;
  const finding = newFinding();
  const reading = readServerTime(line, bucketEnd + 2, close, zone, finding);
  const fields = reading === 'none' ? [] : tokensOf(line, close + 1, line.length);
  const [client = '', , , operation = '', key = '', request = '', status = ''] = fields;
  if (fields.length < 14 || !isStatus(status) || !isHost(client, 0, client.length)) return undefined;
  const members: Member[] = [];
  if (reading === 'impossible') {
    addText(members, 'aws.s3.time', line, bucketEnd + 2, close);
    finding.errorMessage = 'the time in "aws.s3.time" is impossible';
  }
  addText(members, 'aws.s3.owner', line, 0, ownerLength);
  addText(members, 'aws.s3.bucket', line, ownerLength + 1, bucketEnd);
  addPositions(members, fields, positions, 'aws.s3.extra');
  if (!addRequest(request, members)) addText(members, 'url.original', request, 0, request.length);
  finding.level = levelOfStatus(status);
  // What a lifecycle rule or another service did has no request.
  finding.message = request === '-' ? `${operation} ${key} ${status}` : `${request} ${status}`;
  finding.members = members;
  return finding;
}
