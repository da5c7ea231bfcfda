import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused, sampleOutput, sampleStatus } from '../../test/support/sample-status.js';
import { sendSecondsBuckets } from '../types/stats.js';
import { Metrics } from './metrics.js';

interface Family {
  readonly type: string;
  readonly samples: Map<string, number>;
}

/** A strict reader of text format 0.0.4: each family declared once and together, every line well-formed, no sample twice. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let current: { name: string; family: Family } | undefined;
  let helped = '';
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, help] = /^# HELP ([a-zA-Z_:][\w:]*) [^\n]+$/.exec(line) ?? [];
    const [, typed, type = ''] = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (help !== undefined) helped = help;
    else if (typed !== undefined) {
      assert.equal(helped, typed, 'HELP comes before TYPE');
      assert.ok(!families.has(typed), `${typed} is declared twice`);
      current = { name: typed, family: { type, samples: new Map() } };
      families.set(typed, current.family);
    } else {
      const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/.exec(line);
      assert.ok(sample?.[1] !== undefined && current !== undefined, `not a sample: ${line}`);
      const suffix = current.family.type === 'histogram' ? '(_bucket|_sum|_count)' : '';
      assert.match(sample[1], new RegExp(`^${current.name}${suffix}$`));
      assert.ok(Number.isFinite(Number(sample[3])), line);
      const key = `${sample[1]}${sample[2] ?? ''}`;
      assert.ok(!current.family.samples.has(key), `twice: ${line}`);
      current.family.samples.set(key, Number(sample[3]));
    }
  }
  return families;
}

const busy = sampleStatus({
  logCounts: [{ file: 'app "x".log', level: 'error', count: 12 }],
  outputs: [
    sampleOutput(
      'es',
      {
        ...refused,
        concurrencyLimit: 2,
        rateLimitedSeconds: 1.5,
        recordsDelivered: 40,
        recordsRepeated: 4,
        retries: 3,
        recordsDeadLettered: new Map([['RECORD_REFUSED', 2]]),
        sends: new Map([
          ['ok', 5],
          ['OUTPUT_UNREACHABLE', 3],
        ]),
        sendSeconds: { count: 9, sum: 42.5, buckets: [1, 2, 0, 0, 3, 0, 0, 0, 0, 1] },
      },
      {
        lagBytes: 500,
        lagSeconds: 2.5,
        ledger: { delivered: 1000, deadLettered: 20, leftOut: 3, dropped: 7 },
        pendingBytes: 600,
        recordsLeftOut: new Map([['blank', 3]]),
        droppedBytes: new Map([['truncated', 7]]),
        rewound: { delivered: 50, deadLettered: 4, leftOut: 3, dropped: 2 },
      },
    ),
    sampleOutput('http'),
  ],
  filesTotal: 3,
  heldBytes: 99,
  removed: { files: 2, bytes: 50 },
  pinnedBytes: 98,
  checkpointErrors: 1,
});

test('the metrics of the contract are there, each with its type, labels and value', async () => {
  const families = parse(await new Metrics().scrape(busy));
  const value = (sample: string): number | undefined => families.get(sample.replace(/\{.*/, ''))?.samples.get(sample);
  const expected: [type: string, sample: string, value: number][] = [
    ['counter', 'pannier_records_delivered_total{output="es"}', 40],
    ['counter', 'pannier_records_delivered_total{output="http"}', 0],
    ['counter', 'pannier_records_repeated_total{output="es"}', 4],
    ['counter', 'pannier_retries_total{output="es"}', 3],
    ['counter', 'pannier_records_dead_lettered_total{output="es",reason="RECORD_REFUSED"}', 2],
    ['counter', 'pannier_records_left_out_total{output="es",reason="blank"}', 3],
    ['counter', 'pannier_dropped_bytes_total{output="es",reason="truncated"}', 7],
    // What was taken back was delivered all the same: a counter never falls.
    ['counter', 'pannier_delivered_bytes_total{output="es"}', 1050],
    ['counter', 'pannier_dead_lettered_bytes_total{output="es"}', 24],
    ['counter', 'pannier_left_out_bytes_total{output="es"}', 6],
    ['counter', 'pannier_rewound_bytes_total{output="es"}', 59],
    ['gauge', 'pannier_pending_bytes{output="es"}', 600],
    ['gauge', 'pannier_lag_bytes{output="es"}', 500],
    ['gauge', 'pannier_lag_seconds{output="es"}', 2.5],
    ['counter', 'pannier_send_total{output="es",result="OUTPUT_UNREACHABLE"}', 3],
    ['gauge', 'pannier_concurrency_limit{output="es"}', 2],
    ['counter', 'pannier_rate_limited_seconds_total{output="es"}', 1.5],
    ['gauge', 'pannier_output_up{output="es"}', 0],
    ['gauge', 'pannier_output_up{output="http"}', 1],
    ['gauge', 'pannier_files', 3],
    ['gauge', 'pannier_held_bytes', 99],
    ['gauge', 'pannier_volume_bytes', 1000],
    ['gauge', 'pannier_volume_free_bytes', 400],
    ['gauge', 'pannier_volume_inodes', 100],
    ['gauge', 'pannier_volume_free_inodes', 90],
    ['counter', 'pannier_removed_files_total', 2],
    ['counter', 'pannier_removed_bytes_total', 50],
    ['gauge', 'pannier_pinned_bytes', 98],
    ['counter', 'pannier_checkpoint_errors_total', 1],
    ['gauge', 'pannier_config_valid', 1],
    ['counter', 'pannier_log_records_total{file="app \\"x\\".log",level="error"}', 12],
    ['gauge', 'pannier_build_info{version="1.2.3",config_hash="abc123"}', 1],
  ];
  for (const [type, sample, number] of expected) {
    assert.equal(value(sample), number, sample);
    assert.equal(families.get(sample.replace(/\{.*/, ''))?.type, type, sample);
  }
  const ours = new Set(expected.map(([, sample]) => sample.replace(/\{.*/, '')));
  for (const name of families.keys())
    assert.ok(ours.has(name) || name === 'pannier_send_seconds' || name.startsWith('process_'), name);
});

test('the histogram counts up to each bound, and all attempts in the end', async () => {
  const samples = parse(await new Metrics().scrape(busy)).get('pannier_send_seconds')?.samples;
  const bounds = [...sendSecondsBuckets.map(String), '+Inf'];
  assert.deepEqual(
    bounds.map((bound) => samples?.get(`pannier_send_seconds_bucket{output="es",le="${bound}"}`)),
    [1, 3, 3, 3, 6, 6, 6, 6, 6, 7, 9],
  );
  assert.equal(samples?.get('pannier_send_seconds_sum{output="es"}'), 42.5);
  assert.equal(samples.get('pannier_send_seconds_count{output="es"}'), 9);
});

test('each scrape shows the status of its time and nothing of an output that is gone', async () => {
  const metrics = new Metrics();
  await metrics.scrape(busy);
  const families = parse(await metrics.scrape(sampleStatus({ outputs: [sampleOutput('http')], configValid: false })));
  assert.equal(families.get('pannier_config_valid')?.samples.get('pannier_config_valid'), 0);
  assert.deepEqual(
    [...(families.get('pannier_lag_bytes')?.samples.keys() ?? [])],
    ['pannier_lag_bytes{output="http"}'],
  );
  assert.equal(families.get('pannier_send_total')?.samples.size, 0);
  assert.equal(families.get('pannier_files')?.samples.get('pannier_files'), 0);
});

test('a figure that is none is left out and costs no other', async () => {
  const status = sampleStatus({ filesTotal: NaN, outputs: [sampleOutput('es', {}, { lagSeconds: NaN, lagBytes: 4 })] });
  const families = parse(await new Metrics().scrape(status));
  assert.equal(families.get('pannier_files')?.samples.size, 0);
  assert.equal(families.get('pannier_lag_seconds')?.samples.size, 0);
  assert.equal(families.get('pannier_lag_bytes')?.samples.get('pannier_lag_bytes{output="es"}'), 4);
});

test('label values with quotes, backslashes and line ends stay one value', async () => {
  const name = 'a"b\\c\nd';
  const families = parse(await new Metrics().scrape(sampleStatus({ outputs: [sampleOutput(name)] })));
  assert.equal(families.get('pannier_lag_bytes')?.samples.get('pannier_lag_bytes{output="a\\"b\\\\c\\nd"}'), 0);
  assert.equal(
    families.get('pannier_send_seconds')?.samples.get('pannier_send_seconds_count{output="a\\"b\\\\c\\nd"}'),
    0,
  );
});

test('the process has its CPU time since its start, its memory and its descriptors', async () => {
  const families = parse(await new Metrics().scrape(sampleStatus()));
  const value = (name: string): number => families.get(name)?.samples.get(name) ?? NaN;
  assert.ok(value('process_cpu_seconds_total') > 0.01, 'counted from the start, not from the first scrape');
  assert.ok(value('process_resident_memory_bytes') > 10_000_000);
  assert.ok(Math.abs(value('process_start_time_seconds') + process.uptime() - Date.now() / 1000) < 5);
  if (process.platform !== 'linux') return;
  assert.ok(value('process_open_fds') > 2);
  assert.ok(value('process_max_fds') >= value('process_open_fds'));
  assert.ok(value('process_virtual_memory_bytes') > value('process_resident_memory_bytes'));
});
