import { timeBracket } from './times/clf-time.js';
import type { Format } from './format.js';
import { readHaproxy } from './servers/haproxy-line.js';
import { fill, readHeader } from './syslog.js';

/** HAProxy's traffic and its errors, alone or as the messages of syslog lines, whose members come first then. What else it says over syslog is syslog. */
export const haproxy: Format = {
  name: 'haproxy',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || timeBracket(record, longestHeader) === -1) return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    const alone = readHaproxy(line, zone);
    if (alone !== undefined) {
      Object.assign(record, alone);
      return 'record';
    }
    // What the message is proves enough for the header.
    const header = readHeader(line, 'usual', zone);
    const message = header === undefined ? '' : line.slice(header.messageAt);
    const finding = readHaproxy(message, zone);
    if (header === undefined || finding === undefined) return undefined;
    fill(record, header, message, finding);
    return 'record';
  },
  refusal: () => 'the line is not a line of HAProxy',
};

/** Everything before the time of the accept. */
const longestHeader = 400;
