import assert from 'node:assert/strict';
import type { Lab } from '../../support/lab.js';
import { until } from '../../support/until.js';
import { incomplete } from './complete.js';

/**
 * Waits until every line of the writers is stored exactly once, and shows that it stays so when all is read, also by an agent that is started again:
 * what it would take for new comes then.
 * @param lasts the last serial by writer. @param settings of this run of the agent, beside the lab's. @param mayRepeat only a loss is wrong.
 */
export async function exactlyOnce(
  lab: Lab,
  lasts: Readonly<Record<string, number>>,
  settings: Readonly<Record<string, string>> = {},
  mayRepeat = false,
): Promise<void> {
  const total = Object.values(lasts).reduce((sum, last) => sum + last + 1, 0);
  const difference = () => incomplete(lab.server.stored, lasts, mayRepeat);
  await until(() => lab.server.stored.length >= total && difference() === '', {
    what: `${total} lines, each once`,
    instead: () => `${difference()}\n${lab.agent.tail()}`,
  });
  // The writers' bytes are not the log folder's own, so nobody here knows the sum.
  lab.ledgerBytes = () => undefined;
  await lab.caughtUp();
  await lab.restart(settings);
  await lab.caughtUp();
  assert.equal(difference(), '');
}
