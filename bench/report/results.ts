import { execFileSync } from 'node:child_process';
import type { Agent } from '../agents/agent.js';
import type { FigureName } from '../cases/case.js';
import type { Machine } from '../measure/machine.js';
import { root } from '../folders.js';
import type { Run } from '../runs.js';

/** What a result file holds. */
export interface Results {
  /** ISO time of the end. */
  readonly date: string;
  /** Commit of the checkout, with `+` when it had changes. */
  readonly commit: string;
  readonly machine: Machine;
  readonly plan: { readonly rounds: number; readonly bytes: number; readonly seconds: number };
  readonly agents: readonly (Pick<Agent, 'id' | 'title' | 'role' | 'notes'> & { readonly version: string })[];
  readonly cases: readonly {
    readonly id: string;
    readonly title: string;
    readonly how: string;
    readonly main: FigureName;
  }[];
  readonly runs: readonly Run[];
}

export function commitOfCheckout(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
}
