import {
  asObject,
  bulkReply,
  conflict,
  parseBulk,
  refusal,
  refused,
  type BulkItem,
  type ItemVerdict,
} from '../../support/bulk-api.js';
import type { Random } from '../../support/random.js';
import type { Answer, Store, Whole } from './destination.js';
import type { ArrivedBatch, Arrivals, Moment } from './arrivals.js';
import { poison } from './line.js';

/** A sender that had no answer in its time has asked again by then, and that batch counts. */
const lateMs = 8_000;

const answered = (batch: ArrivedBatch, now: () => Moment) => (late: boolean) => {
  if (!late) batch.answeredAtMs = now().atMs;
  if (late) setTimeout(() => (batch.known = true), lateMs).unref();
  else batch.known = true;
};

/** Elasticsearch's `_bulk`, strict, which keeps of each document only that it came. */
export function bulkStore(arrivals: Arrivals, now: () => Moment, random: Random): Store {
  const ids = new Set<string>();
  const verdictOf = (item: BulkItem, itemsBusy: number): ItemVerdict => {
    const wrong = refusal(item);
    if (wrong !== undefined) return wrong;
    if (item.source.includes(poison.elasticsearch)) return refused('document_parsing_exception', 'poison');
    if (itemsBusy > 0 && random.below(1000) < itemsBusy * 1000)
      return { status: 429, type: 'es_rejected_execution_exception', reason: 'the queue is full' };
    const key = `${item.index}/${item.id}`;
    if (ids.has(key)) {
      arrivals.again(item.document);
      return conflict(item.id);
    }
    ids.add(key);
    arrivals.record(item.document);
    return { status: 201 };
  };
  const take = (begun: Moment, { url, body, itemsBusy, mostBytes }: Whole): Answer => {
    if (body.length > mostBytes) return { status: 413, body: '' };
    const batch = arrivals.begin(begun);
    const index = /^\/(?:([^/]+)\/)?_bulk$/.exec(url.pathname)?.[1];
    let items: BulkItem[];
    try {
      items = parseBulk(body.toString('utf8'), index);
    } catch (error) {
      return {
        status: 400,
        body: JSON.stringify({ error: { type: 'illegal_argument_exception', reason: String(error) } }),
      };
    }
    const verdicts = items.map((item) => ({ id: item.id, ...verdictOf(item, itemsBusy) }));
    return {
      status: 200,
      body: bulkReply(verdicts, url.searchParams.get('filter_path') ?? undefined),
      onAnswered: answered(batch, now),
    };
  };
  return () => {
    const begun = now();
    return (request) => take(begun, request);
  };
}

/** An endpoint for NDJSON, which takes a body whole or not at all. */
export function lineStore(arrivals: Arrivals, now: () => Moment): Store {
  /** Lines of a refused body that are to come again, in smaller ones; by the same run, one after the other. */
  let pieces = { run: 0, lines: 0 };
  const take = ({ atMs, run }: Moment, { body, mostBytes }: Whole): Answer => {
    const text = body.toString('utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    if (pieces.run !== run) pieces = { run, lines: 0 };
    const status = body.length > mostBytes ? 413 : text.includes(poison.http) ? 400 : 200;
    if (status !== 200) {
      pieces.lines = lines.length === 1 ? pieces.lines - 1 : Math.max(pieces.lines, lines.length);
      return { status, body: 'not this' };
    }
    const batch = arrivals.begin({ atMs, run }, pieces.lines > 0);
    pieces.lines = Math.max(0, pieces.lines - lines.length);
    for (const line of lines) arrivals.record(asObject(JSON.parse(line)) ?? {});
    return { status: 200, body: '', onAnswered: answered(batch, now) };
  };
  return () => {
    const begun = now();
    return (request) => take(begun, request);
  };
}
