import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificate } from './destinations.js';
import { fail, ok, warn } from './finding.js';
import { mountIn } from './mounts.js';
import { shownJson, shownText } from './shown.js';
import { checkClock, checkLimits } from './system-limits.js';
import { checkStateDirectory } from './state-directory.js';
import { systemFiles } from '../../files/file-system.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../types/configuration.js';

const day = 24 * 60 * 60 * 1000;

test('of nested mounts the innermost holds a path, of two at one place the last; blanks are written in octal', () => {
  const text = [
    '22 1 0:20 / / rw - overlay overlay rw,lowerdir=/a',
    '23 22 8:1 / /var/lib rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '24 23 0:30 / /var/lib/pan\\040nier rw - xfs /dev/sdb rw',
    '25 24 0:31 / /var/lib/pan\\040nier rw - tmpfs tmpfs rw',
    'nonsense',
  ].join('\n');
  assert.deepEqual(mountIn(text, '/var/lib/pan nier/state'), { point: '/var/lib/pan nier', type: 'tmpfs' });
  assert.deepEqual(mountIn(text, '/var/lib/pannier'), { point: '/var/lib', type: 'ext4' });
  assert.deepEqual(mountIn(text, '/var/library'), { point: '/', type: 'overlay' });
  assert.equal(mountIn('', '/x'), undefined);
});

test('a certificate is a warning from 14 days before its end, and after it', () => {
  const now = Date.UTC(2026, 4, 1);
  const url = new URL('https://user:secret@es:9200/path');
  const of = (days: number) => certificate('es', { url, problem: undefined, certificateEndMs: now + days * day }, now);
  assert.deepEqual(of(15), []);
  assert.match(of(14)[0]?.finding ?? '', /ends in 14 days/);
  assert.match(of(-2)[0]?.finding ?? '', /is over since 2026-04-29/);
  assert.equal(of(1)[0]?.check, 'es https://es:9200');
  assert.deepEqual(certificate('es', { url, problem: 'x', certificateEndMs: undefined }, now), []);
});

test('a finding is one line whatever a destination or a file name holds, and JSON keeps the words', () => {
  const found = [ok('a', 'b'), warn('c\u001b[2J\nd', 'e', 'f'), fail('g', 'h', 'i')];
  assert.equal(
    shownText(found),
    'ok    a: b\nwarn  c [2J d: e\n      f\nFAIL  g: h\n      i\n1 check failed, 1 warning\n',
  );
  assert.equal(shownText([ok('a', 'b')]), 'ok    a: b\nall is well\n');
  assert.deepEqual(JSON.parse(shownJson(found)), { ok: false, checks: found });
  assert.match(shownJson([warn('a', 'b', '')]), /"ok": true/);
});

test('a clock that is behind a file is a warning', () => {
  const now = Date.UTC(2026, 4, 1);
  const logs = (mtimeMs: number) =>
    ({ matched: [{ stat: { mtimeMs } }] }) as unknown as Parameters<typeof checkClock>[0];
  assert.equal(checkClock(logs(now + 60_000), undefined, now).level, 'ok');
  const behind = checkClock(logs(now + 3_600_000), undefined, now);
  assert.deepEqual([behind.level, behind.finding.includes('2026-05-01T01:00')], ['warn', true]);
  assert.equal(checkClock({ matched: [] }, process.execPath, 0).level, 'warn');
});

test('few descriptors for many files are a warning; the need of the lanes is named beside the limit', () => {
  const configuration = { maxLineBytes: 1024 ** 2, outputs: [] } as unknown as Configuration;
  const logs = { folders: ['/a'], matched: new Array(1000) } as unknown as Parameters<typeof checkLimits>[2];
  const levels = (limit: number) =>
    checkLimits({ descriptorLimit: () => limit }, configuration, logs, 64 * 1024 ** 2)
      .filter(({ check }) => check === 'open files')
      .map(({ level }) => level);
  assert.deepEqual([levels(1000), levels(2000)], [['warn'], ['ok']]);
  const memory = checkLimits({ descriptorLimit: () => undefined }, configuration, logs, 64 * 1024 ** 2).at(-1);
  assert.equal(memory?.finding, 'the limit is 64 MiB; the lanes need up to 40 MiB');
});

test('a full volume fails, a directory that is not there yet is made where it can be, a long path has no socket', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-doctor-'));
  try {
    const volume = (freeBytes: number, freeInodes = 500) => ({
      ...systemFiles,
      volume: () => ({ bytes: 10 * 1024 ** 3, freeBytes, inodes: 1000, freeInodes }),
    });
    const room = async (...figures: [number, number?]) =>
      (await checkStateDirectory(volume(...figures), dir)).find(({ check }) => check.startsWith('room'))?.level;
    assert.deepEqual(
      [await room(1024), await room(5 * 1024 ** 3, 3), await room(512 * 1024 ** 2), await room(5 * 1024 ** 3)],
      ['fail', 'fail', 'warn', 'ok'],
    );
    const later = await checkStateDirectory(systemFiles, join(dir, 'made/later'));
    assert.match(later[0]?.finding ?? '', new RegExp(`^is made at the first start, in ${dir}`));
    const long = await checkStateDirectory(systemFiles, join(dir, 'x'.repeat(120)));
    assert.equal(long.find(({ check }) => check === 'control socket')?.level, 'warn');
  } finally {
    await rm(dir, { recursive: true });
  }
});
