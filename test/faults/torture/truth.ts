import type { Health } from '../../support/health-form.js';
import type { TorturedAgent } from './agent.js';
import type { Destination } from './destination.js';

export interface TruthOptions {
  readonly agent: TorturedAgent;
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly nowMs: () => number;
  readonly wrong: (what: string) => void;
}

/** An attempt that gets no answer ends with the request timeout (3 s in the rig); then the agent must know. Twice that, for a machine that is busy. */
const mustKnowMs = 7_000;
const silentMostMs = 15_000;

/** Asks `/health` again and again, and holds what it says against what the rig knows. */
export class Truth {
  last: Health | undefined;
  /** Commits seen since the process that runs was started, by their times. */
  commits = 0;
  readonly #sick = new Map<string, number>();
  #run = 0;
  #lastCommit: string | null = null;
  #answeredAtMs = 0;
  /** Since when the process that runs is ready; before that it sends nothing, and learns nothing of destinations. */
  #readyAtMs: number | undefined;

  constructor(private readonly options: TruthOptions) {}

  async look(): Promise<void> {
    const { agent, nowMs, wrong } = this.options;
    const { run } = agent;
    if (run !== this.#run) {
      this.#run = run;
      this.commits = 0;
      this.#lastCommit = null;
      this.last = undefined;
      this.#answeredAtMs = nowMs();
      this.#readyAtMs = undefined;
    }
    agent.look();
    let health: Health;
    try {
      if (this.#readyAtMs === undefined && (await agent.isReady())) this.#readyAtMs = nowMs();
      health = await agent.health();
    } catch {
      if (agent.run === run && agent.running && nowMs() - this.#answeredAtMs > silentMostMs) {
        wrong(`/health did not answer for ${silentMostMs} ms\n${agent.process.tail()}`);
        this.#answeredAtMs = nowMs();
      }
      return;
    }
    if (agent.run !== run) return;
    this.#answeredAtMs = nowMs();
    this.last = health;
    if (health.state.last_commit !== this.#lastCommit) {
      this.#lastCommit = health.state.last_commit;
      this.commits++;
    }
    this.#judge(health);
  }

  #judge({ status, reasons, outputs }: Health): void {
    const { destinations, nowMs, wrong } = this.options;
    const now = nowMs();
    for (const [name, { whole }] of Object.entries(destinations)) {
      // What leaves a sender without any success; a slow one has some.
      const isDead =
        whole === 'down' || whole === 'hang' || whole === 'reset' || whole === 'error' || whole === 'other-authority';
      if (!isDead) this.#sick.delete(name);
      else if (!this.#sick.has(name)) this.#sick.set(name, now);
      const since = Math.max(this.#sick.get(name) ?? now, this.#readyAtMs ?? now);
      const idle = outputs[name]?.lag_bytes === 0;
      if (now - since > mustKnowMs && !idle && !reasons.some(({ output }) => output === name))
        wrong(
          `${name} has been ${String(whole)} for ${Math.round(now - since)} ms, and /health says ${status} with ${JSON.stringify(reasons)}`,
        );
    }
    for (const [name, { ledger }] of Object.entries(outputs))
      if (ledger.dropped > 0) wrong(`${name} dropped ${ledger.dropped} bytes`);
  }
}
