import { Counter, Gauge, Registry } from 'prom-client';
import { sendSecondsBuckets } from '../types/stats.js';
import type { AgentStatus, OutputStatus, VolumeFigures } from '../types/stats.js';
import { processFigures } from './process-figures.js';

type Samples = Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;

/**
 * The metrics of the contract, as Prometheus' text format 0.0.4. Nothing is counted here: each scrape takes its values from the status.
 * A module of its own, since prom-client is loaded with the first scrape only.
 */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  #status: AgentStatus | undefined;

  constructor() {
    for (const { kind, name, help, labels, samples } of perOutput)
      this.#add(kind, name, help, ['output', ...labels], ({ outputs }) => samplesOf(outputs, samples));
    for (const { kind, name, help, value } of global)
      this.#add(kind, name, help, [], (status) => [[{}, value(status)]]);
    for (const { name, help, value } of volumeGauges)
      this.#add('gauge', name, help, [], ({ volume }) => (volume === undefined ? [] : [[{}, value(volume)]]));
    this.#add(
      'counter',
      'pannier_log_records_total',
      'Records that the first output read, since the start, by the name of their file and their level (PANNIER_LOG_METRICS).',
      ['file', 'level'],
      ({ logCounts }) => logCounts.map(({ file, level, count }) => [{ file, level }, count] as const),
    );
    for (const { kind, name, help, read } of processFigures) {
      this.#add(kind, name, help, [], () => {
        const value = read();
        return value === undefined ? [] : [[{}, value]];
      });
    }
    const buildInfo = ({ version, configHash }: AgentStatus) => [[{ version, config_hash: configHash }, 1] as const];
    const help = 'Always 1; which version runs, with which configuration.';
    this.#add('gauge', 'pannier_build_info', help, ['version', 'config_hash'], buildInfo);
  }

  async scrape(status: AgentStatus): Promise<string> {
    this.#status = status;
    return `${await this.#registry.metrics()}\n${sendSeconds(status.outputs)}`;
  }

  #add(
    kind: 'counter' | 'gauge',
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (status: AgentStatus) => Samples,
  ): void {
    const metric =
      kind === 'counter'
        ? new Counter({ name, help, labelNames, registers: [], collect: () => collect() })
        : new Gauge({ name, help, labelNames, registers: [], collect: () => collect() });
    const collect = (): void => {
      metric.reset();
      if (labelNames.length === 0) metric.remove();
      if (this.#status === undefined) return;
      // A value that is none is left out: one wrong figure must not cost the whole scrape.
      for (const [labels, value] of samples(this.#status))
        if (Number.isFinite(value) && value >= 0) metric.inc(labels, value);
    };
    this.#registry.registerMetric(metric);
  }
}

interface PerOutput {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  /** Besides `output`. */
  readonly labels: readonly string[];
  readonly samples: (output: OutputStatus) => Samples;
}

const one =
  (value: (output: OutputStatus) => number): PerOutput['samples'] =>
  (output) => [[{}, value(output)]];
const each =
  (label: string, counts: (output: OutputStatus) => ReadonlyMap<string, number>): PerOutput['samples'] =>
  (output) =>
    Array.from(counts(output), ([key, value]) => [{ [label]: key }, value] as const);

const perOutput: readonly PerOutput[] = [
  {
    kind: 'counter',
    name: 'pannier_records_delivered_total',
    help: 'Records that the output accepted, since the start.',
    labels: [],
    samples: one(({ delivery }) => delivery.recordsDelivered),
  },
  {
    kind: 'counter',
    name: 'pannier_records_repeated_total',
    help: 'Of the accepted records, those that the output said it had already, since the start.',
    labels: [],
    samples: one(({ delivery }) => delivery.recordsRepeated),
  },
  {
    kind: 'counter',
    name: 'pannier_retries_total',
    help: 'Attempts with records of which an earlier attempt failed, since the start.',
    labels: [],
    samples: one(({ delivery }) => delivery.retries),
  },
  {
    kind: 'counter',
    name: 'pannier_records_dead_lettered_total',
    help: 'Records that went to the dead-letter file, since the start.',
    labels: ['reason'],
    samples: each('reason', ({ delivery }) => delivery.recordsDeadLettered),
  },
  {
    kind: 'counter',
    name: 'pannier_records_left_out_total',
    help: 'Lines of which no record was made on purpose, since the start.',
    labels: ['reason'],
    samples: each('reason', ({ recordsLeftOut }) => recordsLeftOut),
  },
  {
    kind: 'counter',
    name: 'pannier_dropped_bytes_total',
    help: 'Bytes lost to a limit or to a truncation, since the start.',
    labels: ['reason'],
    samples: each('reason', ({ droppedBytes }) => droppedBytes),
  },
  {
    kind: 'counter',
    name: 'pannier_delivered_bytes_total',
    help: 'Bytes of the files that were delivered, each counted once, over all starts.',
    labels: [],
    samples: one(({ ledger, rewound }) => ledger.delivered + rewound.delivered),
  },
  {
    kind: 'counter',
    name: 'pannier_dead_lettered_bytes_total',
    help: 'Bytes of the files that went to the dead-letter file, over all starts.',
    labels: [],
    samples: one(({ ledger, rewound }) => ledger.deadLettered + rewound.deadLettered),
  },
  {
    kind: 'counter',
    name: 'pannier_left_out_bytes_total',
    help: 'Bytes of the files that were left out on purpose, over all starts.',
    labels: [],
    samples: one(({ ledger, rewound }) => ledger.leftOut + rewound.leftOut),
  },
  {
    kind: 'counter',
    name: 'pannier_rewound_bytes_total',
    help: 'Bytes that were taken back by `pannier checkpoints`, since the start, to be shipped again. The counters of bytes by outcome stay as they were.',
    labels: [],
    samples: one(({ rewound }) => rewound.delivered + rewound.deadLettered + rewound.leftOut + rewound.dropped),
  },
  {
    kind: 'gauge',
    name: 'pannier_pending_bytes',
    help: 'Bytes of the files that have no final outcome yet.',
    labels: [],
    samples: one(({ pendingBytes }) => pendingBytes),
  },
  {
    kind: 'gauge',
    name: 'pannier_lag_bytes',
    help: 'Bytes not read yet, those of held deleted files included.',
    labels: [],
    samples: one(({ lagBytes }) => lagBytes),
  },
  {
    kind: 'gauge',
    name: 'pannier_lag_seconds',
    help: 'Age of the oldest byte not read yet, in seconds.',
    labels: [],
    samples: one(({ lagSeconds }) => lagSeconds),
  },
  {
    kind: 'counter',
    name: 'pannier_send_total',
    help: 'Attempts to send, since the start.',
    labels: ['result'],
    samples: each('result', ({ delivery }) => delivery.sends),
  },
  {
    kind: 'gauge',
    name: 'pannier_concurrency_limit',
    help: 'Requests that may be under way at once now; fewer while the destination is busy or slow.',
    labels: [],
    samples: one(({ delivery }) => delivery.concurrencyLimit),
  },
  {
    kind: 'counter',
    name: 'pannier_rate_limited_seconds_total',
    help: 'Seconds that requests were held back by PANNIER_RATE_LIMIT, since the start.',
    labels: [],
    samples: one(({ delivery }) => delivery.rateLimitedSeconds),
  },
  {
    kind: 'gauge',
    name: 'pannier_output_up',
    help: '0 from the first failed attempt to the next success, else 1.',
    labels: [],
    samples: one(({ delivery }) => (delivery.failing ? 0 : 1)),
  },
];

function samplesOf(outputs: readonly OutputStatus[], samples: PerOutput['samples']): Samples {
  return outputs.flatMap((output) =>
    Array.from(samples(output), ([labels, value]) => [{ output: output.name, ...labels }, value] as const),
  );
}

interface Global {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly value: (status: AgentStatus) => number;
}

const global: readonly Global[] = [
  { kind: 'gauge', name: 'pannier_files', help: 'Files that are followed.', value: ({ filesTotal }) => filesTotal },
  {
    kind: 'gauge',
    name: 'pannier_held_bytes',
    help: 'Bytes of deleted files that are held open for outputs.',
    value: ({ heldBytes }) => heldBytes,
  },
  {
    kind: 'gauge',
    name: 'pannier_pinned_bytes',
    help: 'Bytes of deleted files that are on the volume by a second name of ours (PANNIER_PIN); part of the held ones.',
    value: ({ pinnedBytes }) => pinnedBytes,
  },
  {
    kind: 'counter',
    name: 'pannier_removed_files_total',
    help: 'Rotated files that PANNIER_DELETE_SHIPPED removed, since the start.',
    value: ({ removed }) => removed.files,
  },
  {
    kind: 'counter',
    name: 'pannier_removed_bytes_total',
    help: 'Bytes of those files.',
    value: ({ removed }) => removed.bytes,
  },
  {
    kind: 'counter',
    name: 'pannier_checkpoint_errors_total',
    help: 'Failed writes and openings of the checkpoints, since the start.',
    value: ({ checkpointErrors }) => checkpointErrors,
  },
  {
    kind: 'gauge',
    name: 'pannier_config_valid',
    help: '1 when the configuration is valid, also after a reload.',
    value: ({ configValid }) => (configValid ? 1 : 0),
  },
];

interface VolumeGauge {
  readonly name: string;
  readonly help: string;
  readonly value: (volume: VolumeFigures) => number;
}

const volumeGauges: readonly VolumeGauge[] = [
  {
    name: 'pannier_volume_bytes',
    help: 'Size of the log volume, or PANNIER_VOLUME_LIMIT; of several the one with the least share free.',
    value: ({ bytes }) => bytes,
  },
  {
    name: 'pannier_volume_free_bytes',
    help: 'Bytes that are free on that volume.',
    value: ({ freeBytes }) => freeBytes,
  },
  {
    name: 'pannier_volume_inodes',
    help: 'Inodes of that volume; 0 where none are counted.',
    value: ({ inodes }) => inodes,
  },
  {
    name: 'pannier_volume_free_inodes',
    help: 'Inodes that are free on that volume.',
    value: ({ freeInodes }) => freeInodes,
  },
];

/** A histogram is written by hand: prom-client's makes its buckets from observations and takes no counts. */
function sendSeconds(outputs: readonly OutputStatus[]): string {
  const name = 'pannier_send_seconds';
  const lines = [`# HELP ${name} Time of an attempt to send, in seconds.`, `# TYPE ${name} histogram`];
  for (const { name: output, delivery } of outputs) {
    const { count, sum, buckets } = delivery.sendSeconds;
    const label = `output="${output.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
    let below = 0;
    for (const [index, bound] of sendSecondsBuckets.entries()) {
      below += buckets[index] ?? 0;
      lines.push(`${name}_bucket{${label},le="${bound}"} ${below}`);
    }
    lines.push(`${name}_bucket{${label},le="+Inf"} ${count}`, `${name}_sum{${label}} ${sum}`);
    lines.push(`${name}_count{${label}} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}
