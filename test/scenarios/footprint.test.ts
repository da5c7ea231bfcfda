import { readFileSync } from 'node:fs';
import { asText, numbered } from '../support/logs.js';
import { scenario, startAgent } from '../support/lab.js';
import { until } from '../support/until.js';

/** What an idle agent with an Elasticsearch output may take at most, MiB: resident, and the part of it that is no file's (`bench/footprint.js` measures). */
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
      await until(() => Object.entries(most).every(([name, mib]) => taken(name) < mib), {
        what: `less than ${JSON.stringify(most)} MiB`,
        instead: () => `VmRSS ${taken('VmRSS').toFixed(1)}, RssAnon ${taken('RssAnon').toFixed(1)}`,
      });
    },
  );
