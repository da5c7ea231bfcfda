import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import type { Agent, Job } from './agent.js';
import { onPath, provision, versionOf } from './provision.js';

/** Filebeat with a filestream input: from the PATH, else built from its Go module. */
export const filebeat: Agent = {
  id: 'filebeat',
  title: 'Filebeat',
  role: 'peer',
  pace: 'slow',
  notes:
    'filestream input → Elasticsearch output, with the figures of Elastic’s preset `throughput` (4 workers, 1600 events a bulk, queue of 12,800) but without compression and with a flush after 100 ms; in live cases a backoff at the end of a file of 50 to 200 ms instead of 2 to 10 s; new files looked for each second. Registry on disk, moved by acknowledgements. No processors. Nginx lines by dissect.',
  find() {
    const program = onPath('filebeat') ?? join(provision('filebeat.sh', 'filebeat'), 'filebeat');
    return Promise.resolve({ program, version: versionOf(program, ['version'], /filebeat version (\S+)/) });
  },
  plan({ program }, job) {
    if (job.ports.length > 1) return 'it has one output at a time';
    if (job.realServer)
      return 'it asks for a licence, and this server, made of the published jars alone, has no answer to that';
    writeFileSync(join(job.folder, 'filebeat.yml'), configuration(job), { mode: 0o600 });
    return {
      command: program,
      args: ['-e', '--strict.perms=false', '--path.home', job.folder, '-c', join(job.folder, 'filebeat.yml')],
      env: {},
      parsed: job.format === 'json' || job.format === 'cri-json' || job.format === 'nginx',
    };
  },
};

const configuration = (job: Job): string => `
filebeat.inputs:
  - type: filestream
    id: bench
    paths: ["${join(job.logs, job.names)}"]
    prospector.scanner.check_interval: 1s
    ${job.hurry ? 'backoff: { init: 50ms, max: 200ms }' : ''}
    parsers: [${(parsers[job.format] ?? []).join(', ')}]
    processors: [${job.format === 'nginx' ? `${dissect}, { drop_fields: { fields: [message] } }` : ''}]
queue.mem: { events: 12800, flush.min_events: 1600, flush.timeout: 100ms }
output.elasticsearch:
  hosts: ["${job.caFile === undefined ? 'http' : 'https'}://127.0.0.1:${job.ports[0]}"]
  ${job.caFile === undefined ? '' : `ssl.certificate_authorities: ["${job.caFile}"]`}
  index: logs
  worker: 4
  bulk_max_size: 1600
  compression_level: ${job.gzip ? 1 : 0}
setup.ilm.enabled: false
setup.template.enabled: false
logging.level: error
logging.metrics.enabled: false
`;

const json = '{ ndjson: { target: "", overwrite_keys: true, add_error_key: true, message_key: msg } }';
const container = '{ container: { stream: all, format: cri } }';
const parsers: Readonly<Partial<Record<DataFormat, readonly string[]>>> = {
  json: [json],
  cri: [container],
  'cri-json': [container, json],
};
const dissect = `{ dissect: { target_prefix: nginx, tokenizer: '%{client} %{ident} %{user} [%{time}] "%{method} %{path} HTTP/%{version}" %{status} %{bytes} "%{referrer}" "%{agent}"' } }`;
