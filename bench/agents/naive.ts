import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../folders.js';
import type { Agent } from './agent.js';

/** What one writes in an afternoon; see naive-agent.js. */
export const naive: Agent = {
  id: 'naive',
  title: 'naive Node agent',
  role: 'naive',
  pace: 'slow',
  notes:
    'readline, JSON.parse and `helpers.bulk` of @elastic/elasticsearch, with the helper’s defaults; position to disk once a second. One file, no rotation.',
  find: () => {
    const { version } = JSON.parse(
      readFileSync(join(root, 'node_modules/@elastic/elasticsearch/package.json'), 'utf8'),
    ) as {
      version: string;
    };
    return Promise.resolve({ program: join(root, 'bench/agents/naive-agent.js'), version: `client ${version}` });
  },
  plan({ program }, job) {
    if (job.ports.length > 1) return 'it has one destination';
    if (job.names.includes('*')) return 'it reads one file';
    if (job.gzip || job.caFile !== undefined) return 'it neither packs nor encrypts';
    if (job.format.startsWith('cri')) return 'it unwraps nothing';
    const mode = job.format === 'json' ? 'json' : 'raw';
    return {
      command: process.execPath,
      args: [
        program,
        mode,
        join(job.logs, job.names),
        `http://127.0.0.1:${job.ports[0]}`,
        join(job.folder, 'position'),
      ],
      env: {},
      parsed: mode === 'json',
    };
  },
};
