import assert from 'node:assert/strict';
import type { DeliveryBatch, Outcome, SendItems } from '../types/batch.js';
import { Fate } from '../types/batch.js';
import { TooLargeError, type ErrorCode, type OutputClosedError, type RetryableError } from '../types/errors.js';
import type { Gate } from './gate.js';
import type { RetryBudget } from './retry-budget.js';
import { bodyBytes, type Sender } from './sender.js';
import type { Tally } from './tally.js';
import { isRepeated } from './verdict.js';

/** Records on their way: a lane's batch, or the plain forms of its refused records. */
export type Parcel = Pick<DeliveryBatch, 'count' | 'settle' | 'deliver' | 'items' | 'compact'>;

/** A record that the destination refused for good. */
export interface Refusal {
  readonly position: number;
  readonly code: ErrorCode;
  readonly reason: string;
  /** Attempts that carried the record. */
  readonly tries: number;
}

/** How a shipment ended: every record settled; or some are pending, because it was aborted or the output is over. */
export type End =
  { readonly kind: 'settled' | 'aborted' } | { readonly kind: 'closed'; readonly error: OutputClosedError };

export interface Road {
  readonly sender: Sender;
  readonly gate: Gate;
  readonly budget: RetryBudget;
  readonly tally: Tally;
  /** The destination refuses bodies of twice this weight. */
  readonly onBatchLimit: (bytes: number) => void;
}

/**
 * A broken connection is weak evidence against a body: below this weight, in bytes, it costs no record its delivery, nor the lane its batch size. Proxies
 * that cut a connection instead of answering 413 do so from far larger bodies on (nginx: 1 MiB unless told otherwise).
 */
const suspiciousBytes = 64 * 1024;

/**
 * The one request that tries whether a failing destination works again carries no more than this, in bytes, but at least one record: each agent of a fleet
 * sends one, and what was sent is lost when it fails.
 */
const probeBytes = 64 * 1024;

/** Neighbouring records that have shared every attempt so far. */
interface Group {
  size: number;
  tries: number;
  /** True when the last attempt failed or left records to be sent again. */
  again: boolean;
  /** Attempts in a row in which the connection broke under this very body. */
  breaks: number;
  /** Answers in a row that only put records off. */
  puttingOff: number;
}

/**
 * Sends a parcel until each of its records has a fate. It begins as one group; a body that is refused as a whole is halved until the guilty record
 * stands alone. Groups are finished from front to back, one request at a time, so the records arrive in their order.
 *
 * All records before `#from` are settled, the groups follow each other from there, the first one on top of the stack. Records that are put off
 * are moved together (`compact`), so a group is always one range.
 */
export class Shipment {
  readonly #parcel: Parcel;
  readonly #road: Road;
  /** Gives refused records their fate; false when it could not because of an abort. Positions stay valid until it resolves. */
  readonly #refuse: (refusals: readonly Refusal[]) => Promise<End>;
  readonly #signal: AbortSignal;
  readonly #groups: Group[];
  #from = 0;

  constructor(
    parcel: Parcel,
    road: Road,
    refuse: (refusals: readonly Refusal[]) => Promise<End>,
    signal: AbortSignal,
    triesBefore = 0,
  ) {
    this.#parcel = parcel;
    this.#road = road;
    this.#refuse = refuse;
    this.#signal = signal;
    this.#groups = parcel.count === 0 ? [] : [newGroup(parcel.count, triesBefore)];
  }

  async run(): Promise<End> {
    for (let group = this.#groups.at(-1); group !== undefined; group = this.#groups.at(-1)) {
      const end = await this.#attempt(group);
      if (end.kind !== 'settled') return end;
    }
    this.#road.tally.recovered(this);
    return { kind: 'settled' };
  }

  /** One attempt with the first group, or its head, and all that follows from its answer. */
  async #attempt(first: Group): Promise<End> {
    let group = first;
    let items = this.#itemsOf(group);
    const choose = (probing: boolean): SendItems => {
      // A body under suspicion goes as it is: only then its second break tells that it is too large.
      if (!probing || first.breaks > 0) return items;
      group = this.#headOf(first, items);
      return (items = this.#itemsOf(group));
    };
    const verdict = await this.#road.sender.attempt(choose, first.again, this.#signal);
    group.tries++;
    group.again = false;
    switch (verdict.kind) {
      case 'accepted':
        this.#accepted(group);
        this.#road.tally.repeated(verdict.repeated);
        return { kind: 'settled' };
      case 'judged':
        return this.#judged(group, verdict.outcomes);
      case 'refused':
        this.#road.tally.recovered(this);
        if (verdict.error instanceof TooLargeError) return this.#tooLarge(group, items, verdict.error.message);
        return this.#refused(group, verdict.error.message);
      case 'failed':
        return this.#failed(group, items, verdict.error);
      case 'closed':
        return verdict;
      case 'aborted':
        return { kind: 'aborted' };
    }
  }

  #itemsOf(group: Group): SendItems {
    return this.#parcel.items(this.#from, this.#from + group.size);
  }

  /** As much of a group as a probe may carry, a group of its own from now on. */
  #headOf(group: Group, items: SendItems): Group {
    let size = 1;
    while (size < group.size && items.itemEnd(size) - items.itemStart(0) <= probeBytes) size++;
    if (size === group.size) return group;
    const head = { ...group, size };
    this.#drop(group);
    this.#groups.push({ ...group, size: group.size - size }, head);
    return head;
  }

  #accepted(group: Group): void {
    this.#road.tally.recovered(this);
    this.#parcel.deliver(this.#from, this.#from + group.size);
    this.#road.tally.delivered(group.size);
    this.#finish(group);
  }

  async #judged(group: Group, outcomes: readonly Outcome[]): Promise<End> {
    const refusals: Refusal[] = [];
    let putOff: Extract<Outcome, { kind: 'retry' }> | undefined;
    let putOffCount = 0;
    for (const [n, outcome] of outcomes.entries()) {
      const position = this.#from + n;
      if (outcome.kind === 'accepted') {
        this.#deliver(position);
        if (isRepeated(outcome)) this.#road.tally.repeated(1);
      } else if (outcome.kind === 'rejected')
        refusals.push({ position, code: outcome.code, reason: outcome.reason, tries: group.tries });
      else {
        putOffCount++;
        if (putOff === undefined || (outcome.retryAfterMs ?? 0) > (putOff.retryAfterMs ?? 0)) putOff = outcome;
      }
    }
    if (putOff === undefined) this.#road.tally.recovered(this);
    if (refusals.length > 0) {
      const end = await this.#refuse(refusals);
      if (end.kind !== 'settled') return end;
    }
    if (putOff === undefined) this.#finish(group);
    else await this.#putOff(group, putOffCount, putOff);
    return { kind: 'settled' };
  }

  /** The output answers, so it is not the output that waits here, only these records (an overloaded shard, an index that is being created). */
  async #putOff(group: Group, count: number, { code, reason, retryAfterMs }: Extract<Outcome, { kind: 'retry' }>) {
    const { gate, budget, tally } = this.#road;
    tally.failed(this, { code, message: reason });
    const progress = count < group.size;
    if (progress) {
      this.#parcel.compact();
      this.#from = 0;
      group.size = count;
    }
    group.breaks = 0;
    group.again = true;
    group.puttingOff = progress ? 1 : group.puttingOff + 1;
    const budgetMs = Math.min(gate.capMs, budget.spend(bodyBytes(this.#itemsOf(group))));
    await gate.pause(Math.max(budgetMs, gate.backoffMs(group.puttingOff, retryAfterMs)), this.#signal);
  }

  async #failed(group: Group, items: SendItems, error: RetryableError): Promise<End> {
    this.#road.tally.failed(this, error);
    group.again = true;
    group.breaks = error.brokenWhileSending ? group.breaks + 1 : 0;
    if (group.breaks < 2) return { kind: 'settled' };
    group.breaks = 0;
    if (group.size === 1 && weightOf(items) < suspiciousBytes) return { kind: 'settled' };
    const guilty = await this.#road.sender.breaksByItsSize(items, this.#signal);
    if (this.#signal.aborted) return { kind: 'aborted' };
    return guilty ? this.#tooLarge(group, items, error.message, suspiciousBytes) : { kind: 'settled' };
  }

  async #tooLarge(group: Group, items: SendItems, reason: string, lowestLimit = 1): Promise<End> {
    const { tally, onBatchLimit } = this.#road;
    tally.noticed({ code: 'OUTPUT_TOO_LARGE', message: reason });
    if (group.size === 1) return this.#refuseOnly(group, 'RECORD_TOO_LARGE', reason);
    onBatchLimit(Math.max(lowestLimit, Math.floor(weightOf(items) / 2)));
    this.#halve(group);
    return { kind: 'settled' };
  }

  async #refused(group: Group, reason: string): Promise<End> {
    this.#road.tally.noticed({ code: 'OUTPUT_REFUSED', message: reason });
    if (group.size === 1) return this.#refuseOnly(group, 'RECORD_REFUSED', reason);
    this.#halve(group);
    return { kind: 'settled' };
  }

  async #refuseOnly(group: Group, code: ErrorCode, reason: string): Promise<End> {
    const end = await this.#refuse([{ position: this.#from, code, reason, tries: group.tries }]);
    if (end.kind === 'settled') this.#finish(group);
    return end;
  }

  #halve(group: Group): void {
    const first = group.size >> 1;
    this.#drop(group);
    this.#groups.push(newGroup(group.size - first, group.tries), newGroup(first, group.tries));
  }

  #deliver(position: number): void {
    this.#parcel.settle(position, Fate.delivered);
    this.#road.tally.delivered(1);
  }

  #finish(group: Group): void {
    this.#drop(group);
    this.#from += group.size;
  }

  #drop(group: Group): void {
    const dropped = this.#groups.pop();
    assert(dropped === group, 'groups are finished from front to back');
  }
}

const newGroup = (size: number, tries: number): Group => ({ size, tries, again: false, breaks: 0, puttingOff: 0 });

function weightOf(items: SendItems): number {
  let sum = 0;
  for (let i = 0; i < items.count; i++) sum += items.weight(i);
  return sum;
}
