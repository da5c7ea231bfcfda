import type { Outcome, Outcomes, SendItems } from '../../src/types/batch.js';
import { accepted } from '../../src/types/batch.js';
import { RetryableError } from '../../src/types/errors.js';
import { furthestAheadMs, oldestAgeMs } from './limits.js';

/** Which items of a batch are sent, in which order; and which are refused before they are sent. */
export interface Plan {
  readonly count: number;
  /** Item numbers, oldest first, items of one time in batch order. Undefined: all items as they are. */
  readonly order: readonly number[] | undefined;
  /** How many items are sent. */
  readonly sent: number;
  /** Outcomes of the items that are not sent, by number. */
  readonly refused: ReadonlyMap<number, Outcome>;
}

/**
 * PutLogEvents wants the events of a batch by time. What it would leave out for its age (`nowMs` is the service's clock, in ms) is refused
 * here: the reason can then name the time, and a backlog of old lines costs no requests.
 */
export function planEvents(items: Pick<SendItems, 'count' | 'timeMs'>, nowMs: number): Plan {
  if (isReady(items, nowMs)) return { count: items.count, order: undefined, sent: items.count, refused: nothing };
  const refused = new Map<number, Outcome>();
  const order: number[] = [];
  for (let i = 0; i < items.count; i++) {
    const refusal = refusalOf(items.timeMs(i), nowMs);
    if (refusal === undefined) order.push(i);
    else refused.set(i, refusal);
  }
  // Array.prototype.sort is stable: records of one time keep the order of their file.
  order.sort((a, b) => items.timeMs(a) - items.timeMs(b));
  return { count: items.count, order, sent: order.length, refused };
}

const nothing: ReadonlyMap<number, Outcome> = new Map();

/** The usual case, without an allocation: the times go up, and none is out of bounds. */
function isReady(items: Pick<SendItems, 'count' | 'timeMs'>, nowMs: number): boolean {
  let before = nowMs - oldestAgeMs;
  for (let i = 0; i < items.count; i++) {
    const timeMs = items.timeMs(i);
    // Written so that NaN is not ready.
    if (!(timeMs >= before)) return false;
    before = timeMs;
  }
  return before <= nowMs + furthestAheadMs;
}

function refusalOf(timeMs: number, nowMs: number): Outcome | undefined {
  if (timeMs > nowMs + furthestAheadMs) return tooNew(timeMs);
  return timeMs >= nowMs - oldestAgeMs ? undefined : tooOld(timeMs);
}

const tooNew = (timeMs: number): Outcome => ({
  kind: 'rejected',
  code: 'RECORD_TOO_NEW',
  reason: `its time ${timeText(timeMs)} is more than 2 hours in the future; CloudWatch Logs takes no such event`,
});
const tooOld = (timeMs: number): Outcome => ({
  kind: 'rejected',
  code: 'RECORD_TOO_OLD',
  reason: `its time ${timeText(timeMs)} is more than 14 days in the past; CloudWatch Logs takes no such event`,
});
const expired = (timeMs: number): Outcome => ({
  kind: 'rejected',
  code: 'RECORD_EXPIRED',
  reason: `its time ${timeText(timeMs)} is before the retention of the log group`,
});

function timeText(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);
}

/** `rejectedLogEventsInfo` of a reply: places in the events as sent. Members come from a server, so anything may stand there. */
export interface RejectedInfo {
  /** First event that is too new. */
  readonly tooNewLogEventStartIndex?: unknown;
  /** One past the last event that is too old. */
  readonly tooOldLogEventEndIndex?: unknown;
  /** One past the last event that the group's retention has expired. Documented without a word; taken as exclusive, like its twin. */
  readonly expiredLogEventEndIndex?: unknown;
}

/**
 * One outcome per item of the batch, in its own order. Source: API reference, RejectedLogEventsInfo.
 * @throws RetryableError OUTPUT_INVALID_REPLY when the places make no sense: nobody can tell then what was stored.
 */
export function outcomesOf(
  plan: Plan,
  items: Pick<SendItems, 'timeMs'>,
  info: RejectedInfo | null | undefined,
): Outcomes {
  if ((info === undefined || info === null) && plan.refused.size === 0) return 'accepted';
  const tooOldEnd = place(info?.tooOldLogEventEndIndex, plan.sent) ?? 0;
  const expiredEnd = place(info?.expiredLogEventEndIndex, plan.sent) ?? 0;
  const tooNewStart = place(info?.tooNewLogEventStartIndex, plan.sent) ?? plan.sent;
  const outcomes: Outcome[] = Array.from({ length: plan.count }, (_, i) => plan.refused.get(i) ?? accepted);
  for (let sentAt = 0; sentAt < plan.sent; sentAt++) {
    const i = plan.order?.[sentAt] ?? sentAt;
    if (sentAt < tooOldEnd) outcomes[i] = tooOld(items.timeMs(i));
    else if (sentAt < expiredEnd) outcomes[i] = expired(items.timeMs(i));
    else if (sentAt >= tooNewStart) outcomes[i] = tooNew(items.timeMs(i));
  }
  return outcomes;
}

/** A place in [0, sent]; undefined when none is given. */
function place(value: unknown, sent: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= sent) return value;
  throw new RetryableError('OUTPUT_INVALID_REPLY', `rejectedLogEventsInfo names event ${shown(value)} of ${sent}`);
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value;
}
