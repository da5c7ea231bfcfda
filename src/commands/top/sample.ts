import { reportOfAgent, type AgentPlace } from '../agent-report.js';
import { askSocket } from '../ask-socket.js';
import type { Report } from '../status-report.js';

/** What the agent said at one moment. */
export interface Sample {
  /** Monotonic ms. */
  readonly atMs: number;
  readonly report: Report;
  /** Records delivered since the agent's start, by output; only the socket tells. */
  readonly records: ReadonlyMap<string, number>;
}

/** Per second, from one sample to the next; NaN where it can't be told. */
export interface Rates {
  readonly lines: number;
  readonly bytes: number;
}

/** Asks the agent once; a text says why there is no answer. Never rejects. */
export async function takeSample(place: AgentPlace): Promise<Sample | string> {
  const report = await reportOfAgent(place);
  if (typeof report === 'string') return report;
  const records = new Map<string, number>();
  const answer =
    place.stateDir === undefined
      ? undefined
      : await askSocket(place.stateDir, { route: 'GET /records-delivered', idleMs: 3000 });
  if (answer?.kind === 'answered' && answer.code === 200 && typeof answer.value === 'object' && answer.value !== null)
    for (const [name, count] of Object.entries(answer.value)) if (typeof count === 'number') records.set(name, count);
  return { atMs: performance.now(), report, records };
}

/** How fast an output was between two samples. A figure that fell, by a restart or a rewind, gives none. */
export function ratesOf(output: string, before: Sample | undefined, now: Sample): Rates {
  if (before === undefined) return { lines: Number.NaN, bytes: Number.NaN };
  const seconds = (now.atMs - before.atMs) / 1000;
  const perSecond = (from: number | undefined, to: number | undefined): number =>
    from === undefined || to === undefined || to < from || seconds <= 0 ? Number.NaN : (to - from) / seconds;
  const delivered = ({ report }: Sample): number | undefined =>
    report.outputs.find(({ name }) => name === output)?.ledger.delivered;
  return {
    lines: perSecond(before.records.get(output), now.records.get(output)),
    bytes: perSecond(delivered(before), delivered(now)),
  };
}
