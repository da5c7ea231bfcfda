import type { LogRecord, Member } from '../types/record.js';
import { blank, dash } from './characters.js';
import { addText } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { isHost } from './servers/hosts.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import { tokenEnd, tokensOf } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { addPositions, type Position } from './positions.js';
import { addRequest } from './servers/request-line.js';
import { readTime } from './times/timestamps.js';
import type { Zone } from './times/zone.js';

/**
 * Access logs of AWS' load balancers: the application one, `https TIME app/name/id client:port target:port times… status status bytes bytes "request" "agent" …`,
 * and the classic one, which has no type before the time. Fields behind those that both have become `aws.elb.extra`.
 */
export const awsElb: Format = {
  name: 'aws-elb',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !mayBe(record)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not of a load balancer of AWS',
};

const types = new Set(['http', 'https', 'h2', 'grpcs', 'ws', 'wss']);
const longestType = 5;

/** A look at the first bytes: a time with six digits of a fraction and `Z`, at the beginning or behind a short word. */
function mayBe({ text, from, to }: LogRecord): boolean {
  const limit = Math.min(to, from + longestType + 1);
  let at = from;
  if (text[from + 4] !== dash) while (at < limit && text[at] !== blank) at++;
  const start = at === from ? from : at + 1;
  return (
    text[start + 4] === dash && text[start + 10] === 0x54 && text[start + 26] === 0x5a && text[start + 27] === blank
  );
}

const positions: readonly Position[] = [
  'aws.elb.name',
  { address: 'source' },
  { address: 'destination' },
  { number: 'aws.elb.request_seconds' },
  { number: 'aws.elb.target_seconds' },
  { number: 'aws.elb.response_seconds' },
  { number: 'http.response.status_code' },
  { number: 'aws.elb.target_status_code' },
  { number: 'http.request.bytes' },
  { number: 'http.response.bytes' },
  undefined,
  'user_agent.original',
  'tls.cipher',
  'tls.version',
];

function readEntry(line: string, zone: Zone): Parsed | undefined {
  const typeEnd = line.charCodeAt(4) === dash ? 0 : tokenEnd(line, 0);
  if (typeEnd > 0 && !types.has(line.slice(0, typeEnd))) return undefined;
  const timeStart = typeEnd === 0 ? 0 : typeEnd + 1;
  const timeEnd = tokenEnd(line, timeStart);
  const finding = newFinding();
  const reading = readTime(line.slice(timeStart, timeEnd), zone, finding);
  const fields = reading === 'none' ? [] : tokensOf(line, timeEnd, line.length);
  const [, client = '', , times = '', , , status = '', targetStatus = '', received = '', sent = '', request = ''] =
    fields;
  if (fields.length < 11 || !isStatus(status) || !isStatus(targetStatus) || !isHost(client, 0, client.length))
    return undefined;
  if (!/^-?\d+(?:\.\d+)?$/.test(times) || !/^\d+$/.test(received) || !/^\d+$/.test(sent)) return undefined;
  const members: Member[] = [];
  if (reading === 'impossible') {
    addText(members, 'aws.elb.time', line, timeStart, timeEnd);
    finding.errorMessage = 'the time in "aws.elb.time" is impossible';
  }
  addText(members, 'aws.elb.type', line, 0, typeEnd);
  addPositions(members, fields, positions, 'aws.elb.extra');
  if (!addRequest(request, members)) addText(members, 'url.original', request, 0, request.length);
  finding.level = levelOfStatus(status);
  finding.message = `${request} ${status}`;
  finding.members = members;
  return finding;
}
