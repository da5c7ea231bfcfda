import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused, sampleNowMs, sampleOutput, sampleStatus } from '../../../test/support/sample-status.js';
import { healthReport } from '../../health/health-report.js';
import { asReport } from '../status-report.js';
import { frameOf, jsonOf } from './frame.js';
import { ratesOf, type Sample } from './sample.js';

const ledger = (delivered: number) => ({ delivered, deadLettered: 0, leftOut: 0, dropped: 0 });

function sampleAt(atMs: number, delivered: number, records: number | undefined): Sample {
  const status = sampleStatus({
    outputs: [sampleOutput('http', refused, { lagBytes: 2048, ledger: ledger(delivered) })],
    files: [
      {
        path: '/log/small',
        format: '',
        size: 10,
        state: 'open',
        parsedShare: 1,
        outputs: { http: { offset: 0, lagBytes: 10 } },
      },
      {
        path: '/log/\u001b[2Jbig',
        format: '',
        size: 9000,
        state: 'open',
        parsedShare: 1,
        outputs: { http: { offset: 0, lagBytes: 2038 } },
      },
    ],
  });
  const report = asReport(JSON.stringify(healthReport(status, true)));
  assert.ok(report !== undefined);
  return { atMs, report, records: new Map(records === undefined ? [] : [['http', records]]) };
}

test('rates are per second; what fell or is not told gives none', () => {
  assert.deepEqual(ratesOf('http', sampleAt(0, 1000, 10), sampleAt(2000, 5000, 30)), { lines: 10, bytes: 2000 });
  assert.deepEqual(ratesOf('http', sampleAt(0, 5000, 30), sampleAt(2000, 1000, 10)), { lines: NaN, bytes: NaN });
  assert.deepEqual(ratesOf('http', sampleAt(0, 1, undefined), sampleAt(1000, 1, undefined)), { lines: NaN, bytes: 0 });
  assert.deepEqual(ratesOf('http', undefined, sampleAt(0, 1, 1)), { lines: NaN, bytes: NaN });
});

test('a picture shows state, rates, the error and the files with most lag first, within the terminal', () => {
  const [before, now] = [sampleAt(0, 0, 0), sampleAt(1000, 2048, 7)];
  const lines = frameOf(before, now, { columns: 200, rows: 50 }, sampleNowMs);
  const picture = lines.join('\n');
  assert.match(picture, /^http +retrying +7 +2\.0 KiB\/s +2\.0 KiB/m);
  assert.match(picture, /^OUTPUT_UNREACHABLE http: connect ECONNREFUSED/m);
  assert.ok(picture.indexOf('big') < picture.indexOf('/log/small'));
  assert.doesNotMatch(picture, /\u001b/);
  const small = frameOf(before, now, { columns: 20, rows: 4 }, sampleNowMs);
  assert.equal(small.length, 4);
  assert.ok(small.every((line) => line.length <= 20));
});

test('as JSON unknown rates are null', () => {
  const { outputs } = JSON.parse(jsonOf(undefined, sampleAt(0, 5, 5), sampleNowMs)) as {
    outputs: Record<string, unknown>;
  };
  assert.deepEqual(outputs['http'], {
    state: 'retrying',
    lines_per_second: null,
    bytes_per_second: null,
    lag_bytes: 2048,
    lag_seconds: 0,
  });
});
