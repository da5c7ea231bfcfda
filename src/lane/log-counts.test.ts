import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileLabel, LogCounts } from './log-counts.js';
import { markedLevels } from './marks.js';

test('what a rotation adds to a name is no part of the label', () => {
  const rotated = [
    '',
    '.1',
    '.2.gz',
    '.001',
    '-20261120',
    '-20261120.gz',
    '.2026-11-20',
    '.2026-11-20-09',
    '.2026-11-20.3',
  ];
  for (const suffix of rotated) assert.equal(fileLabel(`/var/log/app/app.log${suffix}`), 'app.log', suffix);
  const middle = ['-2026-11-20', '.2026-11-20.0', '-2026-11-20T09-15-02.123', '_20261120', '.2026.11.20'];
  for (const part of middle) assert.equal(fileLabel(`app${part}.log`), 'app.log', part);
});

test('a name that is no rotation stays as it is', () => {
  for (const name of [
    'app.log',
    'worker-1.log',
    'v2.log',
    'app-12345678.log',
    'a.20269920.log',
    '.log',
    '-2026-11-20',
    'x',
  ])
    assert.equal(fileLabel(`/a/${name}`), name);
});

test('files of one name count together, whatever their folder, and levels that did not occur are left out', () => {
  const counts = new LogCounts();
  counts.levelsOf('/a/app.log')[markedLevels.indexOf('error')]! += 2;
  counts.levelsOf('/b/app.log.1')[markedLevels.indexOf('error')]! += 1;
  counts.levelsOf('/a/b.log')[markedLevels.indexOf('none')]! += 4;
  assert.deepEqual(counts.counts, [
    { file: 'app.log', level: 'error', count: 3 },
    { file: 'b.log', level: 'none', count: 4 },
  ]);
});

test('there are at most a hundred names, and one for all others', () => {
  const counts = new LogCounts();
  for (let file = 0; file < 250; file += 1) counts.levelsOf(`/a/job${file}x.log`)[0]! += 1;
  assert.equal(counts.counts.length, 101);
  assert.deepEqual(counts.counts.at(-1), { file: 'other', level: 'none', count: 150 });
});
