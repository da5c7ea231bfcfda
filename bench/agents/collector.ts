import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import type { Agent, Job } from './agent.js';
import { provision, versionOf } from './provision.js';

/** How what was read, and is not acknowledged yet, outlives a kill. */
interface Durability {
  readonly queue: string;
  readonly gates: readonly string[];
}

/** As its documentation on resiliency says: what was read goes to a queue on disk before the position moves. Batches of up to 8192 records. */
export const collector = variant(
  'collector',
  'Collector, queue on disk',
  'filelog receiver with file_storage → OTLP/HTTP (protobuf; its Elasticsearch exporter is not in the registries), retries without end; looks at its files each 200 ms (default), in live cases each 50 ms. Durable as its documentation says: the exporter’s queue is in file_storage too, and batches in it (8192 records, 200 ms).',
  {
    queue:
      '{ enabled: true, storage: file_storage, sizer: items, queue_size: 100000, block_on_overflow: true, num_consumers: 2, batch: { flush_timeout: 200ms, min_size: 8192, max_size: 8192 } }',
    gates: [],
  },
);

/** The cheaper way: no queue at all, the receiver waits for each answer. What it emits at once is 100 records, so requests are many and small. */
export const collectorDirect = variant(
  'collector-direct',
  'Collector, no queue',
  'The same without a queue, with the gate `stanza.synchronousLogEmitter`: a position moves only with the answer. The receiver emits 100 records at a time, so its requests are 70 times smaller than those of the others: cheap for it, dear for a server.',
  { queue: '{ enabled: false }', gates: ['stanza.synchronousLogEmitter'] },
);

function variant(id: string, title: string, notes: string, durability: Durability): Agent {
  return {
    id,
    title,
    role: 'peer',
    pace: 'slow',
    notes,
    find() {
      const program = join(provision('collector.sh', 'collector'), 'collector');
      return Promise.resolve({ program, version: versionOf(program, ['components'], /filelogreceiver v(\S+)/) });
    },
    plan({ program }, job) {
      if (job.realServer) return 'its Elasticsearch exporter is not in the registries';
      const file = join(job.folder, 'collector.yaml');
      writeFileSync(file, configuration(job, durability));
      return {
        command: program,
        args: ['--config', file, ...durability.gates.map((gate) => `--feature-gates=${gate}`)],
        env: {},
        parsed: job.format in operators,
      };
    },
  };
}

const configuration = (job: Job, durability: Durability): string => `
extensions:
  file_storage: { directory: "${job.folder}" }
receivers:
  file_log:
    include: ["${join(job.logs, job.names)}"]
    start_at: beginning
    storage: file_storage
    include_file_path: true
    preserve_leading_whitespaces: true
    preserve_trailing_whitespaces: true
    poll_interval: ${job.hurry ? '50ms' : '200ms'}
    max_concurrent_files: 4096
    retry_on_failure: { enabled: true, max_elapsed_time: 0 }
    operators: [${(operators[job.format] ?? unwrapped(job.format)).join(', ')}]
exporters:
${job.ports.map((port, index) => exporter(job, port, index, durability)).join('')}
service:
  extensions: [file_storage]
  telemetry: { metrics: { level: none }, logs: { level: warn } }
  pipelines:
    logs: { receivers: [file_log], exporters: [${job.ports.map((_, index) => `otlp_http/${index}`).join(', ')}] }
`;

function exporter(job: Job, port: number, index: number, { queue }: Durability): string {
  const tls = index === 0 && job.caFile !== undefined;
  return `  otlp_http/${index}:
    endpoint: "${tls ? 'https' : 'http'}://127.0.0.1:${port}"
    compression: ${job.gzip ? 'gzip' : 'none'}
    tls: { ${tls ? `ca_file: "${job.caFile ?? ''}"` : 'insecure: true'} }
    retry_on_failure: { enabled: true, max_elapsed_time: 0 }
    sending_queue: ${queue}
`;
}

const container = '{ type: container, format: containerd, add_metadata_from_filepath: false }';
const json = [
  '{ type: json_parser, parse_to: attributes, timestamp: { parse_from: attributes.time, layout_type: gotime, layout: "2006-01-02T15:04:05.000Z" }, severity: { parse_from: attributes.level } }',
  '{ type: move, from: attributes.msg, to: body }',
];
const nginx = `{ type: regex_parser, regex: '^(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\S+) (?P<path>\\S+) [^"]*" (?P<status>\\d+) (?P<bytes>\\d+) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"', timestamp: { parse_from: attributes.time, layout_type: gotime, layout: "02/Jan/2006:15:04:05 -0700" } }`;

/** What takes a line apart; without an entry a line stays a text. */
const operators: Readonly<Partial<Record<DataFormat, readonly string[]>>> = {
  json,
  nginx: [nginx, '{ type: remove, field: body }'],
  'cri-json': [container, ...json],
};

const unwrapped = (format: DataFormat): readonly string[] => (format === 'cri' ? [container] : []);
