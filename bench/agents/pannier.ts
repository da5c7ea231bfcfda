import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import { root } from '../folders.js';
import type { Agent, Job } from './agent.js';

/** The setting of each kind of data. Nginx lines are text to this version. */
const formats: Readonly<Record<DataFormat, string>> = {
  raw: 'raw',
  json: 'json',
  nginx: 'raw',
  cri: 'cri',
  'cri-json': 'cri',
  multibyte: 'raw',
  traces: 'raw',
};

/** Pannier as shipped: the built program, settings by environment, the listener on. */
export const pannier = variant(
  'pannier',
  'Pannier',
  {},
  'Defaults, but for the format, which is named (`auto` looks at the first lines), and lines are not joined, as none of the others joins them.',
);

/** Pannier with further settings, under a name of its own. */
export function variant(id: string, title: string, more: Readonly<Record<string, string>>, notes: string): Agent {
  return {
    id,
    title,
    role: 'own',
    pace: 'fast',
    notes,
    find: () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      return Promise.resolve({ program: join(root, 'dist/pannier.js'), version });
    },
    plan({ program }, job) {
      return {
        command: process.execPath,
        args: [program],
        env: { ...settings(job), PANNIER_LISTEN: `127.0.0.1:${job.sparePort}`, ...more },
        parsed: job.format === 'json' || job.format === 'cri-json',
        ready: () => answers(job.sparePort, '/readyz'),
      };
    },
  };
}

function settings(job: Job): Record<string, string> {
  const scheme = job.caFile === undefined ? 'http' : 'https';
  const outputs = job.ports.map((_, index) => (index === 0 ? 'elasticsearch' : `copy-${index}=elasticsearch`));
  return {
    PANNIER_PATHS: join(job.logs, job.names),
    PANNIER_STATE_DIR: join(job.folder, 'state'),
    PANNIER_FORMAT: formats[job.format],
    PANNIER_MULTILINE: 'off',
    PANNIER_OUTPUTS: outputs.join(','),
    PANNIER_ELASTICSEARCH_URL: `${scheme}://127.0.0.1:${job.ports[0]}`,
    ...Object.fromEntries(
      job.ports.slice(1).map((port, index) => [`PANNIER_COPY_${index + 1}_URL`, `http://127.0.0.1:${port}`]),
    ),
    ...(job.caFile === undefined ? {} : { PANNIER_ELASTICSEARCH_CA_FILE: job.caFile }),
    ...(job.gzip ? { PANNIER_ELASTICSEARCH_COMPRESSION: 'gzip' } : {}),
  };
}

/** Whether a GET there is answered with 200. Not by `fetch`, whose first call takes longer than what is measured. */
function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
}
