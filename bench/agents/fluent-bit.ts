import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import { type Agent, type Job, Unavailable } from './agent.js';
import { onPath, versionOf } from './provision.js';

/** Fluent Bit, when it is on the PATH: no registry has it. */
export const fluentBit: Agent = {
  id: 'fluent-bit',
  title: 'Fluent Bit',
  role: 'peer',
  pace: 'slow',
  notes:
    'tail (with its database; read buffer raised from 32 KiB to 512 KiB; new files looked for each second) → es, retries without limit. Chunks are on disk (storage.type filesystem), as the position moves when a line enters a chunk. Flush each second (default), in live cases each 100 ms.',
  find() {
    const program = onPath('fluent-bit');
    if (program === undefined) throw new Unavailable('it is not on the PATH');
    return Promise.resolve({ program, version: versionOf(program, ['--version'], /Fluent Bit v(\S+)/) });
  },
  plan({ program }, job) {
    const file = join(job.folder, 'fluent-bit.yaml');
    writeFileSync(file, configuration(job));
    return {
      command: program,
      args: ['--quiet', '--config', file],
      env: {},
      parsed: job.format === 'json' || job.format === 'nginx' || job.format === 'cri-json',
    };
  },
};

const parsing: Readonly<Partial<Record<DataFormat, string>>> = {
  json: 'parser: app_json',
  nginx: 'parser: access',
  cri: 'multiline.parser: cri',
  'cri-json': 'multiline.parser: cri',
};

const configuration = (job: Job): string => `service:
  flush: ${job.hurry ? '0.1' : '1'}
  log_level: error
  storage.path: "${join(job.folder, 'storage')}"
  storage.sync: normal
parsers:
  - { name: app_json, format: json, time_key: time, time_format: "%Y-%m-%dT%H:%M:%S.%L", time_keep: on }
  - { name: access, format: regex, time_key: time, time_format: "%d/%b/%Y:%H:%M:%S %z", regex: '^(?<client>[^ ]*) [^ ]* (?<user>[^ ]*) \\[(?<time>[^\\]]*)\\] "(?<method>\\S+) (?<path>\\S+) [^"]*" (?<status>[^ ]*) (?<bytes>[^ ]*) "(?<referrer>[^"]*)" "(?<agent>[^"]*)"' }
pipeline:
  inputs:
    - name: tail
      tag: app
      path: "${join(job.logs, job.names)}"
      db: "${join(job.folder, 'tail.db')}"
      read_from_head: true
      refresh_interval: 1
      buffer_chunk_size: 512k
      buffer_max_size: 5m
      storage.type: filesystem
      ${parsing[job.format] ?? ''}
${job.format === 'cri-json' ? '  filters:\n    - { name: parser, match: "*", key_name: log, parser: app_json, reserve_data: true }\n' : ''}  outputs:
${job.ports.map((port, index) => output(job, port, index)).join('')}`;

function output(job: Job, port: number, index: number): string {
  const tls = index === 0 && job.caFile !== undefined;
  return `    - name: es
      match: "*"
      host: 127.0.0.1
      port: ${port}
      index: logs
      suppress_type_name: on
      write_operation: create
      buffer_size: false
      retry_limit: no_limits
${job.gzip ? '      compress: gzip\n' : ''}${tls ? `      tls: on\n      tls.ca_file: "${job.caFile ?? ''}"\n` : ''}`;
}
