import assert from 'node:assert/strict';
import { scenario, startAgent } from '../support/lab.js';
import { FaultControl } from '../support/faults-control.js';
import { asText, numbered } from '../support/logs.js';

scenario(
  'a file whose reads fail with EIO is named in the log, and read to its end when they succeed again',
  async () => {
    using faults = new FaultControl();
    await using lab = await startAgent({ env: faults.env });
    const lines = numbered('line', 300);
    await lab.logs.append('app.log', asText(lines.slice(0, 100)));
    await lab.delivered(lines.slice(0, 100));
    faults.set({ rules: [{ call: 'read', path: 'app.log', error: 'EIO' }] });
    await lab.logs.append('app.log', asText(lines.slice(100)));
    await lab.agent.logged('the file cannot be read', ({ fields }) => fields.code === 'FILE_UNREADABLE');
    assert.equal(lab.server.stored.length, 100);
    faults.set({});
    await lab.delivered(lines);
    await lab.checkLedger();
  },
);

scenario('no descriptor left (EMFILE) and reads that come late and short lose nothing', async () => {
  using faults = new FaultControl();
  await using lab = await startAgent({ env: faults.env });
  faults.set({
    rules: [
      { call: 'open', path: '.log', error: 'EMFILE', times: 1 },
      { call: 'read', path: '.log', delayMs: 5, most: 1000 },
    ],
  });
  const lines = numbered('line', 500);
  await lab.logs.append('app.log', asText(lines));
  await lab.agent.logged('it cannot be opened', ({ fields }) => fields.code === 'FILE_UNREADABLE');
  await lab.delivered(lines);
});

scenario('the wall clock steps an hour forward and two back: what is read goes on, once', async () => {
  using faults = new FaultControl();
  await using lab = await startAgent({ env: faults.env });
  const hourMs = 3_600_000;
  const lines: string[] = [];
  for (const [turn, clockOffsetMs] of [0, hourMs, -hourMs, 0].entries()) {
    faults.set({ clockOffsetMs });
    const more = numbered(`turn ${turn}`, 50);
    lines.push(...more);
    await lab.logs.append('app.log', asText(more));
    await lab.delivered(lines);
  }
});
