import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import { type Agent, type Job, Unavailable } from './agent.js';
import { onPath, versionOf } from './provision.js';

/** Vector, when it is on the PATH: no registry has it. */
export const vector: Agent = {
  id: 'vector',
  title: 'Vector',
  role: 'peer',
  pace: 'slow',
  notes:
    'file source (its turn of 2 KiB raised to 256 KiB, files looked for each second) → elasticsearch sink with acknowledgements on, so that checkpoints wait for answers; bodies of 2 MB or 100 ms. JSON and nginx lines by remap.',
  find() {
    const program = onPath('vector');
    if (program === undefined) throw new Unavailable('it is not on the PATH');
    return Promise.resolve({ program, version: versionOf(program, ['--version'], /vector (\S+)/) });
  },
  plan({ program }, job) {
    if (job.format.startsWith('cri')) return 'it unwraps CRI only inside Kubernetes';
    const file = join(job.folder, 'vector.yaml');
    writeFileSync(file, configuration(job));
    return { command: program, args: ['--quiet', '--config', file], env: {}, parsed: job.format in programs };
  },
};

const programs: Readonly<Partial<Record<DataFormat, readonly string[]>>> = {
  json: ['line = object!(parse_json!(string!(del(.message))))', '. = merge(., line)', '.message = del(.msg)'],
  nginx: ['line = parse_nginx_log!(string!(del(.message)), format: "combined")', '. = merge(., line)'],
};

function configuration(job: Job): string {
  const program = programs[job.format];
  const transform =
    program === undefined
      ? ''
      : `transforms:
  parsed:
    type: remap
    inputs: [logs]
    source: |
      ${program.join('\n      ')}
`;
  return `data_dir: "${job.folder}"
sources:
  logs:
    type: file
    include: ["${join(job.logs, job.names)}"]
    read_from: beginning
    max_read_bytes: 262144
    glob_minimum_cooldown_ms: 1000
    fingerprint: { strategy: device_and_inode }
${transform}sinks:
${job.ports.map((port, index) => sink(job, port, index, program === undefined ? 'logs' : 'parsed')).join('')}`;
}

function sink(job: Job, port: number, index: number, input: string): string {
  const tls = index === 0 && job.caFile !== undefined;
  return `  es${index}:
    type: elasticsearch
    inputs: [${input}]
    endpoints: ["${tls ? 'https' : 'http'}://127.0.0.1:${port}"]
    api_version: v8
    bulk: { action: create, index: logs }
    compression: ${job.gzip ? '{ algorithm: gzip, level: 1 }' : 'none'}
    batch: { max_bytes: 2000000, timeout_secs: 0.1 }
    acknowledgements: { enabled: true }
    healthcheck: { enabled: false }
${tls ? `    tls: { ca_file: "${job.caFile ?? ''}" }\n` : ''}`;
}
