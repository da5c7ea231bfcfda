import assert from 'node:assert/strict';
import { FaultControl } from '../support/faults-control.js';
import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

const first = numbered('first', 300);
const second = numbered('second', 300);

scenario(
  'known files that can not be read at a restart are nobody new when they can be: nothing comes twice',
  async () => {
    using faults = new FaultControl();
    await using lab = await startAgent({ env: faults.env });
    await lab.logs.append('app.log', asText(first));
    await lab.delivered(first);
    // Two commits, so that the next run knows the file.
    await lab.shows('a commit', ({ state }) => state.last_commit !== null);
    await lab.kill9();
    // Only the first look fails: whoever looks once more finds a file that it could read.
    faults.set({ rules: [{ call: 'read', path: 'app.log', error: 'EIO', times: 1 }] });
    await lab.start();
    await lab.logs.append('app.log', asText(second));
    await lab.delivered([...first, ...second]);
    assert.ok(lab.agent.log.some(({ fields }) => fields.code === 'FILE_UNREADABLE'));
  },
);

scenario(
  'a copy of copytruncate that can not be opened at once is asked for again: its unread lines are not lost',
  async () => {
    using faults = new FaultControl();
    await using lab = await startAgent({ env: faults.env });
    await lab.logs.append('app.log', asText(first));
    await lab.delivered(first);
    await lab.server.down();
    await lab.logs.append('app.log', asText(second));
    await lab.shows('the backlog', ({ files }) => files[0]?.size === asText([...first, ...second]).length);
    faults.set({ rules: [{ call: 'open', path: 'app.log.1', error: 'EMFILE', times: 3 }] });
    await lab.logs.copyTruncate('app.log', 'app.log.1');
    await lab.logs.append('app.log', 'after the rotation\n');
    await lab.agent.logged('the copy can not be opened', ({ fields }) => fields.code === 'FILE_UNREADABLE');
    await lab.server.up();
    await lab.delivered([...first, ...second, 'after the rotation']);
  },
);
