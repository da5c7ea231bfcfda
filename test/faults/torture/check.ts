import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { asObject } from '../../support/bulk-api.js';
import { memoryMib, type TorturedAgent } from './agent.js';
import type { Arrivals } from './arrivals.js';
import type { Destination } from './destination.js';
import type { Journal } from './journal.js';
import { findLine, type FoundLine } from './line.js';
import type { Plan } from './plan.js';
import type { Truth } from './truth.js';

export interface End {
  readonly plan: Plan;
  readonly agent: TorturedAgent;
  readonly truth: Truth;
  readonly journal: Journal;
  readonly arrivals: Readonly<Record<string, Arrivals>>;
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly letters: string;
  readonly stop: AbortSignal;
  readonly wrong: (what: string) => void;
  /** Something was wrong before the end. */
  readonly isWrong: () => boolean;
}

export interface Checked {
  readonly deadLetters: number;
}

/** An output that failed for long waits up to a minute before its next attempt. */
const settleMs = 100_000;
/** When something is wrong already, what else is missing tells little. */
const wrongSettleMs = 15_000;
/** So long without anything pending, and nothing more will come; longer than a scan takes to come round. */
const restingMs = 20_000;
/** Waits until everything has come, and holds all of it against the journal. */
export async function checkEnd(end: End): Promise<Checked> {
  const { agent, wrong, stop, destinations } = end;
  await agent.ready();
  await end.truth.look();
  const deadline = performance.now() + (end.isWrong() ? wrongSettleMs : settleMs);
  const missing = (): string[] => [...lost(end.journal, end.arrivals), ...unsettled(end)];
  let restingSince = Infinity;
  while (missing().length > 0 && performance.now() < deadline && !stop.aborted) {
    restingSince = isResting(end) ? Math.min(restingSince, performance.now()) : Infinity;
    // It has nothing left to send, so what is missing will not come.
    if (performance.now() - restingSince > restingMs) break;
    await wait(100);
  }
  if (stop.aborted) return { deadLetters: 0 };
  // Once more: nothing may come after all was there.
  await wait(600);
  for (const what of missing()) wrong(what);
  if (missing().length > 0) wrong(`the agent's log at the end: ${agent.process.tail(15)}`);
  for (const [name, { betrayed }] of Object.entries(destinations))
    if (betrayed > 0)
      wrong(`${name} got ${betrayed} bodies over a certificate of an authority that the agent must not trust`);
  const code = await agent.stop();
  if (code !== 0) wrong(`the last SIGTERM ended with ${code}, though nothing was left`);
  if (agent.peakRssKb > memoryMib * 1024) wrong(`the agent took ${agent.peakRssKb} KiB of memory`);
  return { deadLetters: checkLetters(end) };
}

/** Whether the agent says that nothing is pending. */
function isResting({ truth: { last } }: End): boolean {
  return last?.status === 'ok' && Object.values(last.outputs).every(({ ledger }) => ledger.pending === 0);
}

/** Lines that an output has not. */
function lost(journal: Journal, arrivals: Readonly<Record<string, Arrivals>>): string[] {
  const found: string[] = [];
  for (const [output, arrived] of Object.entries(arrivals))
    for (const writer of journal.writers.values()) {
      const complete = arrived.completeTo(writer);
      if (complete === writer.count) continue;
      const gaps: number[] = [];
      for (let serial = complete; serial < writer.count; serial++)
        if (arrived.count(writer, serial) === 0 && writer.poisoned.get(serial) !== output) gaps.push(serial);
      if (gaps.length > 0)
        found.push(
          `${output} lacks ${gaps.length} of ${writer.count} lines of ${writer.id} (${writer.kind}): ${gaps.slice(0, 5).join(' ')} to ${gaps.at(-1)}, of file ${writer.generations.get(gaps[0] ?? 0)} of ${writer.generation}`,
        );
    }
  return found;
}

/** What `/health` says is not yet over, or does not add up. */
function unsettled({ truth, journal, plan }: End): string[] {
  const { last } = truth;
  if (last === undefined) return ['/health says nothing'];
  return plan.outputs.flatMap((name) => {
    const output = last.outputs[name];
    if (output === undefined) return [`/health knows no ${name}`];
    const { delivered, dead_lettered, left_out, dropped, pending } = output.ledger;
    const sum = delivered + dead_lettered + left_out + dropped;
    if (sum === journal.bytes && pending === 0)
      return last.status === 'ok' ? [] : [`in the end /health says ${last.status}: ${JSON.stringify(last.reasons)}`];
    return [`the ledger of ${name} is ${JSON.stringify(output.ledger)}: ${sum} bytes, ${journal.bytes} were written`];
  });
}

/** The line of a letter: its text, or, where that could not be read again, the item as it was sent, which may have a line before it that says what to do. */
function lineOf(text: string): FoundLine | undefined {
  const found = findLine({ message: text });
  if (found !== undefined) return found;
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  try {
    return findLine(asObject(JSON.parse(last)) ?? {});
  } catch {
    return undefined;
  }
}

/** The dead letters are exactly the lines that were refused. */
function checkLetters({ letters, journal, plan, wrong }: End): number {
  let count = 0;
  for (const output of plan.outputs) {
    const path = join(letters, `${output}.ndjson`);
    const seen = new Map<string, number>();
    for (const letter of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
      if (letter === '') continue;
      count++;
      const text = String(asObject(JSON.parse(letter))?.message);
      const line = lineOf(text);
      const key = `${line?.writer} ${line?.serial}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (seen.get(key) !== 1) wrong(`${output} has ${seen.get(key)} dead letters of line ${key}`);
      if (journal.writers.get(line?.writer ?? '')?.poisoned.get(line?.serial ?? -1) !== output)
        wrong(`${output} has a dead letter of a line that nobody refused: ${letter.slice(0, 300)}`);
    }
    for (const writer of journal.writers.values())
      for (const [serial, of] of writer.poisoned)
        if (of === output && !seen.has(`${writer.id} ${serial}`))
          wrong(`${output} has no dead letter of line ${serial} of ${writer.id}`);
  }
  return count;
}
