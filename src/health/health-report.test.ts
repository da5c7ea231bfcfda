import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHealth } from '../../test/support/health-form.js';
import { refused, sampleOutput, sampleStatus } from '../../test/support/sample-status.js';
import { healthOf, healthReport, reasonsOf } from './health-report.js';
import type { Reason } from '../types/stats.js';

const dropped: Reason = {
  code: 'BYTES_DROPPED',
  output: 'es',
  message: '900 bytes of /var/log/app/a.log were dropped',
  action: 'Raise PANNIER_HOLD_MAX_BYTES.',
};

const unreachable: Reason = {
  code: 'OUTPUT_UNREACHABLE',
  output: 'es',
  message: 'nobody answers',
  action: 'Start it.',
};

test('the report has the exact form of the contract', () => {
  const es = sampleOutput(
    'es',
    {
      ...refused,
      requestsInFlight: 1,
      bytesInFlight: 2048,
      lastSuccessMs: Date.UTC(2026, 10, 20, 9, 0),
    },
    {
      type: 'elasticsearch',
      lagBytes: 700,
      lagSeconds: 12.5,
      ledger: { delivered: 1, deadLettered: 2, leftOut: 3, dropped: 4 },
      pendingBytes: 5,
    },
  );
  const status = sampleStatus({
    outputs: [es],
    files: [
      {
        path: '/a.log',
        format: 'auto:json',
        parsedShare: 0.99999,
        size: 15,
        state: 'rotated',
        outputs: { es: { offset: 10, lagBytes: 5 } },
      },
    ],
    filesTotal: 1,
    reasons: [unreachable],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(healthReport(status, true))), {
    status: 'degraded',
    version: '1.2.3',
    config_hash: 'abc123',
    started_at: '2026-11-20T08:15:02.000Z',
    reasons: [{ code: 'OUTPUT_UNREACHABLE', output: 'es', message: 'nobody answers', action: 'Start it.' }],
    state: { durable: true, last_commit: '2026-11-20T09:15:01.500Z' },
    outputs: {
      es: {
        type: 'elasticsearch',
        state: 'retrying',
        lag_bytes: 700,
        lag_seconds: 12.5,
        in_flight: { requests: 1, bytes: 2048 },
        last_success: '2026-11-20T09:00:00.000Z',
        last_error: {
          code: 'OUTPUT_UNREACHABLE',
          message: 'connect ECONNREFUSED 10.0.0.7:9200',
          at: '2026-11-20T09:15:00.000Z',
          count: 3,
        },
        ledger: { delivered: 1, dead_lettered: 2, left_out: 3, dropped: 4, pending: 5 },
      },
    },
    files: [
      {
        path: '/a.log',
        format: 'auto:json',
        parsed_share: 0.9999,
        size: 15,
        state: 'rotated',
        outputs: { es: { offset: 10, lag_bytes: 5 } },
      },
    ],
    files_total: 1,
  });
});

test('all keys are there before anything has happened', () => {
  const status = sampleStatus({ outputs: [sampleOutput('stdout')], lastCommitMs: undefined });
  const health = readHealth(JSON.stringify(healthReport(status, true)));
  assert.equal(health.outputs.stdout?.last_error, null);
  assert.equal(health.outputs.stdout.last_success, null);
  assert.equal(health.state.last_commit, null);
  assert.equal(health.status, 'ok');
});

test('outside loopback there are no files and no texts, but codes, keys and counts', () => {
  const status = sampleStatus({
    outputs: [sampleOutput('es', refused)],
    files: [{ path: '/secret.log', format: 'raw', parsedShare: undefined, size: 1, state: 'open', outputs: {} }],
    filesTotal: 7,
    reasons: [unreachable],
  });
  const report = healthReport(status, false);
  assert.deepEqual(report.files, []);
  assert.equal(report.files_total, 7);
  assert.deepEqual(report.reasons, [{ code: 'OUTPUT_UNREACHABLE', output: 'es', message: '', action: '' }]);
  assert.equal(report.outputs.es?.last_error?.code, 'OUTPUT_UNREACHABLE');
  assert.equal(report.outputs.es.last_error.message, '');
  assert.equal(report.outputs.es.last_error.count, 3);
  assert.doesNotMatch(JSON.stringify(report), /secret|ECONNREFUSED|nobody|Start/);
});

test('an agent is failing when nothing can be shipped, degraded for any reason, else ok', () => {
  assert.equal(healthOf(sampleStatus()), 'ok');
  assert.equal(healthOf(sampleStatus({ reasons: [dropped] })), 'degraded');
  assert.equal(healthOf(sampleStatus({ reasons: [dropped], failing: true })), 'failing');
  assert.equal(healthOf(sampleStatus({ outputs: [sampleOutput('es', refused)] })), 'degraded');
  assert.equal(healthOf(sampleStatus({ outputs: [sampleOutput('es', { ...refused, failing: false })] })), 'ok');
  assert.equal(healthOf(sampleStatus({ durable: false })), 'degraded');
});

test('a failing output and a store in memory have a reason each, whether or not the agent gives one, and never two', () => {
  const status = sampleStatus({ outputs: [sampleOutput('es', refused), sampleOutput('http')], durable: false });
  const codes = (reasons: readonly Reason[]) => reasons.map(({ code, output }) => `${code} ${output}`);
  assert.deepEqual(codes(reasonsOf(status)), ['OUTPUT_UNREACHABLE es', 'STATE_NOT_DURABLE ']);
  for (const { message, action } of reasonsOf(status)) assert.ok(message !== '' && action !== '');
  const given = { ...status, reasons: reasonsOf(status) };
  assert.deepEqual(reasonsOf(given), given.reasons);
});

test('another reason of an output does not hide that it fails, and an agent that is failing has its own reasons only', () => {
  const outputs = [sampleOutput('es', refused)];
  const codes = (changes: object) =>
    reasonsOf(sampleStatus({ outputs, reasons: [dropped], ...changes })).map(({ code }) => code);
  assert.deepEqual(codes({}), ['BYTES_DROPPED', 'OUTPUT_UNREACHABLE']);
  assert.deepEqual(codes({ failing: true, durable: false }), ['BYTES_DROPPED']);
});

test('at most a hundred files are shown', () => {
  const file = { path: '/a', format: '', parsedShare: undefined, size: 1, state: 'open' as const, outputs: {} };
  const report = healthReport(sampleStatus({ files: Array.from({ length: 150 }, () => file), filesTotal: 150 }), true);
  assert.equal(report.files.length, 100);
});

test('a time that is none is shown as none', () => {
  const report = healthReport(sampleStatus({ startedAtMs: NaN, lastCommitMs: 1e300 }), true);
  assert.equal(report.started_at, '');
  assert.equal(report.state.last_commit, null);
});
