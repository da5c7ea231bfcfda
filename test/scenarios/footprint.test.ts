import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { asText, numbered } from '../support/logs.js';
import { scenario, startAgent } from '../support/lab.js';

/** What an agent with an Elasticsearch output may take at most once it has started, MiB: resident, and the part of it that is no file's. `bench/footprint.js` measures it. */
const most = { VmRSS: 70, RssAnon: 20 };

if (process.platform === 'linux')
  scenario(
    'an idle agent with an Elasticsearch output stays below 70 MiB resident, 20 MiB of them its own',
    async () => {
      // As in the image, as far as every version of Node knows the flags.
      const shipped = {
        NODE_OPTIONS: '--max-semi-space-size=2',
        MALLOC_ARENA_MAX: '1',
        MALLOC_TRIM_THRESHOLD_: '131072',
      };
      await using lab = await startAgent({ env: shipped });
      const lines = numbered('line', 10);
      await lab.logs.append('app.log', asText(lines));
      await lab.delivered(lines);
      const taken = (name: string): number => {
        const status = readFileSync(`/proc/${lab.agent.pid}/status`, 'latin1');
        return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
      };
      // At once: what V8 gives back later would hide what the start has brought.
      for (const [name, mib] of Object.entries(most))
        assert.ok(taken(name) < mib, `${name} is ${taken(name).toFixed(1)} MiB, more than ${mib}`);
    },
  );
