import { blank, comma, dash, digitsEnd, isDigit, openBracket } from '../characters.js';
import {
  application,
  logger,
  originFunction,
  originLine,
  pid,
  spanId,
  take,
  thread,
  traceId,
  type HeaderFields,
} from './header-fields.js';
import { dashesEnd, groupEnd, passBlanks } from './header-tokens.js';

/**
 * Spring Boot's `1 --- [app] [thread] [trace-span] `, of which only the thread is always there, and Sleuth's `[app,trace,span] 1 --- [thread] `, behind
 * the level. Returns the place behind them, 0 when this is not Spring's.
 */
export function readSpring(head: string, from: number, fields: HeaderFields): number {
  const sleuthStop = head.charCodeAt(from) === openBracket ? groupEnd(head, from) : 0;
  let at = sleuthStop === 0 ? from : passBlanks(head, sleuthStop + 1);
  const pidStop = digitsEnd(head, at);
  const dashes = passBlanks(head, pidStop);
  if (pidStop === at || dashes === pidStop || !head.startsWith('--- [', dashes)) return 0;
  if (sleuthStop !== 0 && !takeSleuth(head, from + 1, sleuthStop, fields)) return 0;
  take(fields, pid, at, pidStop);
  at = dashes + 4;
  for (let group = 0; group < 3 && head.charCodeAt(at) === openBracket; group++) {
    const stop = groupEnd(head, at);
    if (stop === 0) return at;
    const start = passBlanks(head, at + 1);
    let end = stop;
    while (end > start && head.charCodeAt(end - 1) === blank) end--;
    const isIds = /^[0-9a-f]{16,32}-[0-9a-f]{16}$/.test(head.slice(start, end));
    if (isIds) {
      const mark = head.indexOf('-', start);
      take(fields, traceId, start, mark);
      take(fields, spanId, mark + 1, end);
    } else if (isAnotherThread(head, stop + 1)) take(fields, application, start, end);
    else if (end > start && !take(fields, thread, start, end)) return at;
    at = passBlanks(head, stop + 1);
  }
  return at;
}

/** Another group follows that is no pair of ids: so this one is the application. */
function isAnotherThread(head: string, from: number): boolean {
  const at = passBlanks(head, from);
  if (head.charCodeAt(at) !== openBracket) return false;
  const stop = groupEnd(head, at);
  return stop !== 0 && !/^\s*(?:[0-9a-f]{16,32}-[0-9a-f]{16})?\s*$/.test(head.slice(at + 1, stop));
}

/** `app,trace,span` and perhaps a fourth, which says whether it is exported. */
function takeSleuth(head: string, from: number, to: number, fields: HeaderFields): boolean {
  const first = head.indexOf(',', from);
  const second = first === -1 ? -1 : head.indexOf(',', first + 1);
  if (second === -1 || second > to) return false;
  let end = second + 1;
  while (end < to && head.charCodeAt(end) !== comma) end++;
  take(fields, application, from, first);
  take(fields, traceId, first + 1, second);
  take(fields, spanId, second + 1, end);
  return true;
}

/** Loguru's `module:function:12 - `. Returns the place of the message, or 0. */
export function readLoguru(head: string, at: number, end: number, fields: HeaderFields): number {
  if (!isDigit(head.charCodeAt(end - 1)) || head.charCodeAt(end) !== blank || head.charCodeAt(end + 1) !== dash)
    return 0;
  const dashes = dashesEnd(head, end + 1);
  const first = head.indexOf(':', at);
  const second = first === -1 ? -1 : head.indexOf(':', first + 1);
  if (dashes === 0 || second === -1 || second >= end || digitsEnd(head, second + 1) !== end || second + 1 === end)
    return 0;
  take(fields, logger, at, first);
  take(fields, originFunction, first + 1, second);
  take(fields, originLine, second + 1, end);
  return dashes + 1;
}
