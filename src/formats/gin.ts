import type { Member } from '../types/record.js';
import { addText, isDigit } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { isHost } from './servers/hosts.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import { hasAscii } from './line-bytes.js';
import type { Parsed } from './members/mapping.js';
import { scanTime } from './times/time-scan.js';
import type { Zone } from './times/zone.js';

/** The access log of Go's Gin: `[GIN] 2026/11/20 - 09:15:02 | 200 |  1.2ms | 192.0.2.7 | GET  "/ping"`, with or without colours. */
export const gin: Format = {
  name: 'gin',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !hasAscii(record, record.from, start)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not of Gin',
};

const start = '[GIN] ';

function readEntry(line: string, zone: Zone): Parsed | undefined {
  const finding = newFinding();
  const scanned = scanTime(line, start.length, zone, finding);
  const timeEnd = Math.abs(scanned);
  if (scanned === 0 || !line.startsWith(' |', timeEnd)) return undefined;
  // A path may have bars of its own: only the first four belong to the format.
  const fields: string[] = [];
  let at = timeEnd + 2;
  for (let bar = line.indexOf('|', at); bar !== -1 && fields.length < 3; bar = line.indexOf('|', at)) {
    fields.push(bare(line.slice(at, Math.min(bar, at + longestField))));
    at = bar + 1;
  }
  const [status = '', latency = '', client = ''] = fields;
  const rest = line.slice(at);
  const request = /^([A-Z]{1,24}) +(\S.*)$/.exec(
    bare(rest.slice(0, longestMethod)).trimStart() + rest.slice(longestMethod),
  );
  const isRead =
    fields.length === 3 && isStatus(status) && isDigit(latency.charCodeAt(0)) && isHost(client, 0, client.length);
  if (!isRead || request === null) return undefined;
  const [, method = '', target = ''] = request;
  const isQuoted = target.length > 1 && target.startsWith('"') && target.endsWith('"');
  const path = isQuoted ? target.slice(1, -1) : target;
  const members: Member[] = [];
  if (scanned < 0) {
    addText(members, 'gin.time', line, start.length, timeEnd);
    finding.errorMessage = 'the time in "gin.time" is impossible';
  }
  addText(members, 'source.address', client, 0, client.length);
  addText(members, 'http.request.method', method, 0, method.length);
  addText(members, 'url.original', path, 0, path.length);
  if (status !== '-') members.push({ key: 'http.response.status_code', json: `${Number(status)}` });
  addText(members, 'gin.latency', latency, 0, latency.length);
  finding.level = levelOfStatus(status);
  finding.message = `${method} ${path} ${status}`;
  finding.members = members;
  return finding;
}

const longestField = 300;
/** Blanks, colours and the method lie within so many characters. */
const longestMethod = 60;

// eslint would refuse the escape character in a literal pattern; it is meant here.
const colours = new RegExp('\u001b\\[[0-9;]{0,12}m', 'g');
const bare = (text: string): string => text.replace(colours, '').trim();
