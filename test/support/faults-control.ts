import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The calls that can be made to fail or to wait. `list` is readdir. */
export type FaultyCall = 'open' | 'read' | 'write' | 'sync' | 'stat' | 'list';

/** What happens to calls on some paths. The first rule that fits counts. */
export interface FaultRule {
  readonly call: FaultyCall;
  /** Part of the file's path; '' is every file but the program's own. */
  readonly path: string;
  /** A system error's code, such as `EIO`; left out: the call succeeds. */
  readonly error?: string;
  /** The call begins this much later, ms. A synchronous call blocks the process meanwhile. */
  readonly delayMs?: number;
  /** `read` and `write`: so many bytes at most. */
  readonly most?: number;
  /** The share of the calls that it happens to, 0 to 1; left out: all. */
  readonly share?: number;
  /** Calls that it happens to before the rule is used up; left out: no end. Counted by the process, from the rules' last change on. */
  readonly times?: number;
}

export interface Faults {
  /** Added to the wall clock of the process (`Date`); the monotonic clock is left alone. */
  readonly clockOffsetMs?: number;
  readonly rules?: readonly FaultRule[];
}

/** The variable that names the control file, for the preload. It does not begin with PANNIER_: an unknown one would be an error. */
export const controlVariable = 'FAULTS_CONTROL';

/** Tells a program that was started with `faults-preload.ts` what shall go wrong in it. The program sees a change with its next call; of the clock within 50 ms. */
export class FaultControl implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pannier-faults-'));
  readonly #file = join(this.#folder, 'control.json');
  #change = 0;

  constructor() {
    this.set({});
  }

  /** Environment variables of the program that is to suffer. */
  get env(): Record<string, string> {
    const preload = fileURLToPath(new URL('faults-preload.js', import.meta.url));
    return { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`, [controlVariable]: this.#file };
  }

  /** Replaces what was set before; `{}` ends every fault. */
  set(faults: Faults): void {
    // A reader must never see half of it.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ ...faults, change: ++this.#change }));
    renameSync(`${this.#file}.new`, this.#file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
