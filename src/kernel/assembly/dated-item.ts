import { writeName, writeQuoted } from './access-item';
import { comma, copy, quote } from './bytes';
import { datedLoggerAt, datedLoggerTo, datedPidAt, datedPidTo, datedThreadAt, datedThreadTo } from './dated';

/** Their numbers follow those of access logs. */
const piecePid: u32 = 10;
const pieceThread: u32 = 11;

/** The members of the dated line that was read last. Their values are pieces of the line, so they need no more room than it, and their names. */
export function writeDatedMembers(at: usize): usize {
  if (datedPidAt != datedPidTo) at = copy(datedPidAt, datedPidTo - datedPidAt, writeName(piecePid, at));
  if (datedThreadAt != datedThreadTo) at = writeQuoted(datedThreadAt, datedThreadTo, writeName(pieceThread, at));
  return at;
}

/** `"logger":"` */
const loggerStart: usize = memory.data<u8>([
  0x22, 0x6c, 0x6f, 0x67, 0x67, 0x65, 0x72, 0x22, 0x3a, 0x22, 0, 0, 0, 0, 0, 0,
]);
const loggerStartLength: usize = 10;

/** `"logger":"a.b.C",` behind the level, where the line has one. */
export function writeDatedLogger(at: usize): usize {
  if (datedLoggerAt == datedLoggerTo) return at;
  at = copy(loggerStart, loggerStartLength, at);
  at = copy(datedLoggerAt, datedLoggerTo - datedLoggerAt, at);
  store<u8>(at, quote);
  store<u8>(at + 1, comma);
  return at + 2;
}
