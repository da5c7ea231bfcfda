import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { KeyPair } from '../../support/certificates.js';
import type { FaultControl, FaultRule } from '../../support/faults-control.js';
import type { Random } from '../../support/random.js';
import type { TorturedAgent } from './agent.js';
import type { Destination } from './destination.js';
import { troubles, type MachineFault, type PlannedFault, type Trouble } from './plan.js';

export interface Victims {
  readonly agent: TorturedAgent;
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly control: FaultControl;
  readonly random: Random;
  /** Small volumes of the state and of the dead letters; undefined: they could not be mounted. */
  readonly volumes: { readonly state: string; readonly letters: string } | undefined;
  /** A new certificate: of the authority that the agent trusts, or of another. */
  readonly certificate: (trusted: boolean) => KeyPair;
  readonly happened: (what: string) => void;
  /** Resolves when positions are written to the disk again. */
  readonly isDurable: () => Promise<void>;
  /** The application rests while this is set. */
  readonly rest: (on: boolean) => void;
}

/** Carries out the faults of a plan, one track beside the other. */
export class Faults {
  /** How many there were, by kind. */
  readonly counts = new Map<string, number>();
  #offsetMs = 0;
  readonly #rules = new Map<string, readonly FaultRule[]>();

  constructor(private readonly victims: Victims) {}

  /** Resolves when all of them are over, or `stop` is aborted. */
  async run(faults: readonly PlannedFault[], stop: AbortSignal): Promise<void> {
    const begun = performance.now();
    const tracks = new Set(faults.map(({ track }) => track));
    await Promise.all(
      [...tracks].map(async (track) => {
        for (const fault of faults.filter((one) => one.track === track)) {
          await wait(Math.max(0, begun + fault.atMs - performance.now()), undefined, { signal: stop }).catch(() => {});
          if (stop.aborted) return;
          this.victims.happened(`${track}: ${fault.kind} for ${fault.forMs} ms, share ${fault.share}`);
          if (await this.#happens(fault, stop)) this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
        }
      }),
    );
  }

  /** False: it can't happen on this machine. */
  async #happens({ track, kind, forMs, share }: PlannedFault, stop: AbortSignal): Promise<boolean> {
    const { agent, destinations } = this.victims;
    const lasts = async (): Promise<true> => {
      await wait(forMs, undefined, { signal: stop }).catch(() => {});
      return true;
    };
    const destination = destinations[track];
    if (destination !== undefined && isTrouble(kind)) {
      const keys =
        kind === 'certificate' || kind === 'other-authority'
          ? this.victims.certificate(kind === 'certificate')
          : undefined;
      await destination.begin(kind, share, keys);
      await lasts();
      await destination.end();
      return true;
    }
    switch (kind as MachineFault) {
      case 'kill':
        await agent.kill();
        return true;
      case 'term': {
        // As often as not the application is shut down with it.
        const rests = this.victims.random.oneIn(2);
        this.victims.rest(rests);
        await agent.term();
        this.victims.rest(false);
        return true;
      }
      case 'clock':
        this.#offsetMs = this.victims.random.pick([-3_600_000, 3_600_000, -90_000, 90_000]);
        this.#tell();
        await lasts();
        this.#offsetMs = 0;
        this.#tell();
        return true;
      case 'state-full':
      case 'letters-full':
        return await this.#fill(kind === 'state-full' ? 'state' : 'letters', lasts);
      default:
        this.#rules.set(track, [{ ...ruleOf(kind as MachineFault), share: Math.max(share, 0.5) }]);
        this.#tell();
        await lasts();
        this.#rules.delete(track);
        this.#tell();
        return true;
    }
  }

  #tell(): void {
    this.victims.control.set({ clockOffsetMs: this.#offsetMs, rules: [...this.#rules.values()].flat() });
  }

  async #fill(volume: 'state' | 'letters', lasts: () => Promise<true>): Promise<boolean> {
    const folder = this.victims.volumes?.[volume];
    if (folder === undefined) return false;
    const ballast = join(folder, 'ballast');
    // A start that can't read its state sends everything again, by new ids: the design's choice, and nothing to find here.
    const { agent } = this.victims;
    if (volume === 'state') {
      agent.holds++;
      // Whoever is about to end it no longer asks; the next one must have read its state before there is no room.
      while (agent.ending) await wait(20);
      await this.victims.isDurable();
    }
    try {
      fillUp(ballast);
      await lasts();
      rmSync(ballast);
      if (volume === 'state') await this.victims.isDurable();
    } finally {
      if (volume === 'state') agent.holds--;
    }
    return true;
  }
}

/** Writes until nothing fits any more: the agent takes and frees space meanwhile. */
function fillUp(ballast: string): void {
  const file = openSync(ballast, 'w');
  try {
    for (let block = 1 << 20; block >= 4096;) {
      try {
        writeSync(file, Buffer.alloc(block));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        block /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

const isTrouble = (kind: string): kind is Trouble => (troubles as readonly string[]).includes(kind);

function ruleOf(kind: MachineFault): FaultRule {
  const path = '/logs/';
  switch (kind) {
    case 'read-eio':
      return { path, call: 'read', error: 'EIO' };
    case 'open-emfile':
      return { path, call: 'open', error: 'EMFILE' };
    case 'list-emfile':
      // The folder itself.
      return { path: '/logs', call: 'list', error: 'EMFILE' };
    case 'slow-reads':
      return { path, call: 'read', delayMs: 60 };
    case 'short-reads':
      return { path, call: 'read', most: 1_000 };
    default:
      return { path, call: 'open', delayMs: 200 };
  }
}
