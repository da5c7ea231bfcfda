import type { Format } from './format.js';
import { fillRecord, newHeaderFields, pid, resetFields, take } from './header/header-fields.js';
import { anchorTime } from './header/header.js';
import { addNumber, addText } from './members/field-members.js';
import { hasAscii, isContinuation } from './line-bytes.js';
import { headOf } from './header/text-head.js';
import type { Member } from '../types/record.js';

/**
 * The request lines of uWSGI: `[pid: 17|app: 0|req: 1/1] 10.0.0.1 () {38 vars in 696 bytes} [Fri Nov 20 09:15:02 2026] GET /x => generated 47 bytes in 129 msecs (HTTP/1.1
 * 200) …`. The message is the whole line. Source: uWSGI documentation, "Formatting uWSGI requests logs".
 */
export const uwsgi: Format = {
  name: 'uwsgi',
  continues: false,
  read(record, _evidence, { zone }) {
    if (!hasAscii(record, record.from, '[pid: ') || isContinuation(record)) return undefined;
    const head = headOf(record);
    const parts = request.exec(head);
    resetFields(fields);
    const timeAt = parts === null ? -1 : head.indexOf('[', parts[0].length);
    const close = timeAt === -1 ? 0 : anchorTime(head, timeAt + 1, zone, fields);
    if (parts === null || close === 0 || head.charAt(close) !== ']') return undefined;
    take(fields, pid, 6, 6 + (parts[1]?.length ?? 0));
    fillRecord(record, head, fields);
    const members: Member[] = [...record.members];
    addText(members, 'source.address', parts[2] ?? '', 0, parts[2]?.length ?? 0);
    addText(members, 'user.name', parts[3] ?? '', 0, parts[3]?.length ?? 0);
    const line = call.exec(head.slice(close));
    addText(members, 'http.request.method', line?.[1] ?? '', 0, line?.[1]?.length ?? 0);
    addText(members, 'url.original', line?.[2] ?? '', 0, line?.[2]?.length ?? 0);
    const status = /\(HTTP\/[\d.]{1,3} (\d{3})\)/.exec(head.slice(close))?.[1] ?? '';
    addNumber(members, 'http.response.status_code', status, 0, status.length);
    record.members = members;
    if (status !== '') record.level = status >= '500' ? 'error' : status >= '400' ? 'warn' : 'info';
    record.message = undefined;
    return 'record';
  },
  refusal: () => 'the line is not a request line of uWSGI',
};

const fields = newHeaderFields();

const request = /^\[pid: (\d{1,10})\|app: [^|\]]{0,20}\|req: [^\]]{0,40}\] (\S{1,64}) \(([^)]{0,64})\) \{[^}]{0,64}\} /;
const call = /^\] ([A-Z]{3,10}) (\S+) => /;
