import { jsonString } from '../types/json-string.js';
import type { LogRecord, Member } from '../types/record.js';
import { blank, closeBracket, colon, dash, openBracket, quote } from './characters.js';
import { addText } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import { quotedEnd, tokensOf } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { addPositions, type Position } from './positions.js';
import { addRequest } from './servers/request-line.js';
import { readTime } from './times/timestamps.js';
import type { Zone } from './times/zone.js';

/**
 * Envoy's access log, by default and as Istio sets it: `[TIME] "GET / HTTP/1.1" 200 - [details failure] received sent duration upstream "forwarded" "agent" "id"
 * "authority" "upstream host" …`. Fields behind become `envoy.extra`. A connection without a request has `- - -` within the quotes.
 */
export const envoy: Format = {
  name: 'envoy',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !mayBe(record)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not of Envoy',
};

/** A look at the first bytes: an ISO time within brackets, and a quote behind it. */
function mayBe({ text, from }: LogRecord): boolean {
  if (text[from] !== openBracket || text[from + 5] !== dash || text[from + 14] !== colon) return false;
  for (let at = from + 20; at < from + 40; at++)
    if (text[at] === closeBracket) return text[at + 1] === blank && text[at + 2] === quote;
  return false;
}

const before: readonly Position[] = [undefined, 'envoy.response_flags'];
/** Istio says more of the answer before the sizes. */
const details: readonly Position[] = [
  'envoy.response_details',
  'envoy.connection_termination',
  'envoy.upstream_failure',
];
const behind: readonly Position[] = [
  { number: 'http.request.body.bytes' },
  { number: 'http.response.body.bytes' },
  { number: 'envoy.duration_ms' },
  { number: 'envoy.upstream_ms' },
  'source.address',
  'user_agent.original',
  'http.request.id',
  'url.domain',
  'envoy.upstream_host',
];

function readEntry(line: string, zone: Zone): Parsed | undefined {
  const close = line.indexOf(']');
  const requestEnd = quotedEnd(line, close + 2);
  if (requestEnd === -1) return undefined;
  const finding = newFinding();
  const reading = readTime(line.slice(1, close), zone, finding);
  const request = line.slice(close + 3, requestEnd);
  const fields = tokensOf(line, requestEnd + 1, line.length);
  const status = fields[0] ?? '';
  if (reading === 'none' || !(isStatus(status) || status === '0')) return undefined;
  const isIstios = isCount(fields[5]) && isCount(fields[6]) && fields.length >= 14;
  if (!isIstios && !(isCount(fields[2]) && isCount(fields[3]))) return undefined;
  const members: Member[] = [];
  if (reading === 'impossible') {
    addText(members, 'envoy.time', line, 1, close);
    finding.errorMessage = 'the time in "envoy.time" is impossible';
  }
  if (!addRequest(request, members) && request !== '- - -')
    members.push({ key: 'envoy.request', json: jsonString(request) });
  if (status !== '-') members.push({ key: 'http.response.status_code', json: `${Number(status)}` });
  addPositions(members, fields, [...before, ...(isIstios ? details : []), ...behind], 'envoy.extra');
  finding.level = levelOfStatus(status);
  finding.message = `${request} ${status}`;
  finding.members = members;
  return finding;
}

const isCount = (field: string | undefined): boolean => field !== undefined && /^\d{1,15}$/.test(field);
