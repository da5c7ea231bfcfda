import { setTimeout as wait } from 'node:timers/promises';
import type { AgentPlace } from '../agent-report.js';
import type { Program } from '../cli.js';
import { pageOf } from '../status.js';
import { frameOf, jsonOf } from './frame.js';
import { takeSample, type Sample } from './sample.js';

const everyMs = 1000;
/** Another screen, so that what was there comes back; the cursor hidden. And back. */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const clearRight = '\u001b[K';
const clearBelow = '\u001b[J';

/**
 * `pannier top`: a picture of the running agent each second, until q, Ctrl-C or a signal; an agent that goes away, and comes back, is waited for. As JSON one
 * object a line. Elsewhere than on a terminal one page, as `status` prints it. Exits 0, or 1 when no agent answered at all. Never rejects.
 */
export async function top(
  { json }: { readonly json: boolean },
  place: AgentPlace,
  program: Pick<Program, 'out' | 'err' | 'drained' | 'isTerminal' | 'isInputTerminal' | 'terminal'>,
): Promise<number> {
  const { out, err, terminal } = program;
  const first = await takeSample(place);
  if (typeof first === 'string') {
    err(`pannier: ${first}\n`);
    return 1;
  }
  if (!json && !program.isTerminal) {
    err('pannier: standard output is no terminal, so this is one page, as `pannier status` prints it\n');
    out(pageOf(first.report, Date.now()));
    return 0;
  }
  const quit = new AbortController();
  const stop = AbortSignal.any([quit.signal, terminal.stopping]);
  if (json) {
    await repeat(place, first, stop, async (before, now) => {
      out(typeof now === 'string' ? `${JSON.stringify({ error: now })}\n` : `${jsonOf(before, now, Date.now())}\n`);
      await program.drained();
    });
    return 0;
  }
  out(enter);
  const restore = program.isInputTerminal ? terminal.onKey((key) => ends.has(key) && quit.abort()) : () => {};
  try {
    await repeat(place, first, stop, (before, now) => {
      const size = terminal.size();
      const lines = typeof now === 'string' ? [now.slice(0, size.columns)] : frameOf(before, now, size, Date.now());
      out(home + lines.map((line) => line + clearRight).join('\r\n') + clearBelow);
      return program.drained();
    });
  } finally {
    restore();
    out(leave);
  }
  return 0;
}

/** Keys that end it: q, and in raw mode Ctrl-C and Ctrl-D come as characters. */
const ends: ReadonlySet<string> = new Set(['q', 'Q', '\u0003', '\u0004']);

async function repeat(
  place: AgentPlace,
  first: Sample,
  stop: AbortSignal,
  show: (before: Sample | undefined, now: Sample | string) => Promise<void>,
): Promise<void> {
  let before: Sample | undefined;
  for (let now: Sample | string = first; ; now = await takeSample(place)) {
    if (stop.aborted) return;
    await show(before, now);
    before = typeof now === 'string' ? undefined : now;
    await wait(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}
