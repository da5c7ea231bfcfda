import type { Level, LogRecord, Member } from '../types/record.js';
import { blank, colon, digitsEnd, dot, isDigit, numberOf, twoDigits } from './characters.js';
import { settle, type TimeReading } from './times/civil-time.js';
import { addNumber, addText } from './members/field-members.js';
import type { Format } from './format.js';
import { readKlogTail } from './klog-tail.js';
import { isContinuation } from './line-bytes.js';
import { guessYear } from './times/years.js';
import type { Zone } from './times/zone.js';

/**
 * What klog and glog write: `I1120 09:15:02.123456    1234 file.go:12] message`, since glog 0.6 with the year before the month. A message of klog's
 * structured calls has its pairs behind it. Source: klog's header in klog.go, glog's README ("Log Line Prefix"). The members: `process.thread.id`,
 * `log.origin.file.name`, `log.origin.file.line`, then the pairs. So narrow a form needs no other evidence.
 */
export const klog: Format = {
  name: 'klog',
  continues: true,
  read(record, _evidence, { zone }) {
    if (isContinuation(record) || !mayBeKlog(record)) return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    const header = readHeader(line, zone, record);
    if (header === undefined) return undefined;
    record.level = levels.get(line.charAt(0));
    record.errorMessage = header.reading === 'impossible' ? 'the time is impossible' : undefined;
    const tail = readKlogTail(line, header.messageAt);
    // With an impossible time the header is not taken off, so that nothing of the line is lost.
    record.message = header.reading === 'time' ? (tail?.message ?? line.slice(header.messageAt)) : undefined;
    record.members = tail === undefined ? header.members : [...header.members, ...tail.members];
    return 'record';
  },
  refusal: () => 'the line is not a klog line',
};

const levels: ReadonlyMap<string, Level> = new Map([
  ['D', 'debug'],
  ['I', 'info'],
  ['W', 'warn'],
  ['E', 'error'],
  ['F', 'fatal'],
]);

/** A letter, four or eight digits and a blank: tells nearly every other line apart, before a string is made. */
function mayBeKlog({ text, from, to }: LogRecord): boolean {
  if (to - from < shortestHeader || !levels.has(String.fromCharCode(text[from]!))) return false;
  let at = from + 1;
  while (at < from + 10 && isDigit(text[at]!)) at++;
  return (at === from + 5 || at === from + 9) && text[at] === blank;
}

/** `I1120 09:15:02.1 1 a:1]` */
const shortestHeader = 24;
const longestFile = 256;

interface Header {
  readonly reading: TimeReading;
  readonly members: Member[];
  readonly messageAt: number;
}

/** Reads everything before the message; sets the record's time when there is one. */
function readHeader(line: string, zone: Zone, record: LogRecord): Header | undefined {
  const dateEnd = digitsEnd(line, 1);
  const clock = dateEnd + 1;
  if (line.charCodeAt(clock + 2) !== colon || line.charCodeAt(clock + 5) !== colon) return undefined;
  const fractionEnd = digitsEnd(line, clock + 9);
  if (line.charCodeAt(clock + 8) !== dot || fractionEnd === clock + 9 || fractionEnd > clock + 18) return undefined;
  const thread = skipBlanks(line, fractionEnd);
  const threadEnd = digitsEnd(line, thread);
  const file = threadEnd + 1;
  if (thread === fractionEnd || threadEnd === thread || line.charCodeAt(threadEnd) !== blank) return undefined;
  const end = line.indexOf(']', file);
  const lineNumber = end === -1 || end > file + longestFile ? -1 : line.lastIndexOf(':', end);
  if (lineNumber <= file || digitsEnd(line, lineNumber + 1) !== end || end === lineNumber + 1) return undefined;
  const place = line.indexOf(' ', file);
  if (place !== -1 && place < end) return undefined;
  const reading = readTime(line, dateEnd, clock, fractionEnd, zone, record);
  if (reading === 'none') return undefined;
  const members: Member[] = [];
  addNumber(members, 'process.thread.id', line, thread, threadEnd);
  addText(members, 'log.origin.file.name', line, file, lineNumber);
  addNumber(members, 'log.origin.file.line', line, lineNumber + 1, end);
  return { reading, members, messageAt: line.charCodeAt(end + 1) === blank ? end + 2 : end + 1 };
}

function readTime(line: string, dateEnd: number, clock: number, to: number, zone: Zone, into: LogRecord): TimeReading {
  const month = numberOf(line, dateEnd - 4, dateEnd - 2);
  const day = numberOf(line, dateEnd - 2, dateEnd);
  const hour = twoDigits(line, clock);
  const minute = twoDigits(line, clock + 3);
  const second = twoDigits(line, clock + 6);
  if ((hour | minute | second) < 0) return 'none';
  const hasYear = dateEnd === 9;
  const year = hasYear ? numberOf(line, 1, 5) : guessYear(month, day, Date.now());
  return settle(
    { year, month, day, hour, minute, second, fraction: line.slice(clock + 9, to), offset: undefined },
    zone,
    into,
  );
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === blank) at++;
  return at;
}
