import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VolumeFigures } from '../types/stats.js';
import { isFilling, VolumeWatch } from './volume-watch.js';

const gib = 1024 ** 3;
const room = (freeBytes: number, bytes = 10 * gib, freeInodes = 900): VolumeFigures => ({
  bytes,
  freeBytes,
  inodes: 1000,
  freeInodes,
});

const freeBytes = ({ tightest }: VolumeWatch): number | undefined => tightest?.freeBytes;

/** A watch over volumes that the test fills, and what it said. */
function watching(volumes: Record<string, VolumeFigures | undefined>) {
  const said: string[] = [];
  const say = (fields: object, text?: string): void => void said.push(`${text} ${JSON.stringify(fields)}`);
  const log = { debug: say, info: say, warn: say, error: say };
  return { said, watch: new VolumeWatch({ volume: (path) => volumes[path] }, log) };
}

test('a volume is filling below a tenth free, but with 1 GiB free never for its bytes', () => {
  const of = (freeBytes: number, bytes: number) => isFilling({ name: '/a', ...room(freeBytes, bytes) }, undefined, 1);
  assert.equal(of(99, 1000), true);
  assert.equal(of(100, 1000), false);
  assert.equal(of(gib, 1000 * gib), false);
  assert.equal(of(gib - 1, 1000 * gib), true);
});

test('inodes run out below 5 %, and where none are counted they never do', () => {
  const of = (freeInodes: number, inodes: number) =>
    isFilling({ name: '/a', bytes: 100, freeBytes: 90, inodes, freeInodes }, undefined, 1);
  assert.equal(of(49, 1000), true);
  assert.equal(of(50, 1000), false);
  assert.equal(of(0, 0), false);
});

test('it says so once, shows it until there is more room than the limit, and says it again after that', () => {
  const volumes: Record<string, VolumeFigures | undefined> = { '/logs': room(0.9 * gib) };
  const { said, watch } = watching(volumes);
  const look = (free: number): void => {
    volumes['/logs'] = room(free);
    watch.look(['/logs'], undefined, 0);
  };
  look(2 * gib);
  assert.deepEqual([said, watch.reasons], [[], []]);
  look(0.9 * gib);
  look(0.8 * gib);
  assert.equal(said.length, 1);
  assert.match(said[0]!, /921 of 10240 MiB are left at \/logs/);
  assert.deepEqual(
    watch.reasons.map(({ code, output }) => [code, output]),
    [['VOLUME_FILLING', '']],
  );
  look(1.1 * gib); // above the limit, and not by enough
  assert.equal(watch.reasons.length, 1);
  look(1.3 * gib);
  assert.deepEqual(watch.reasons, []);
  look(0.9 * gib);
  assert.equal(said.length, 2);
});

test('PANNIER_VOLUME_LIMIT is a volume of its own, filled by the files below the roots', () => {
  const { said, watch } = watching({ '/logs': room(9 * gib) });
  watch.look(['/logs'], 1_000_000, 840_000);
  assert.equal(watch.reasons.length, 0);
  assert.deepEqual(watch.tightest, { bytes: 1_000_000, freeBytes: 160_000, inodes: 0, freeInodes: 0 });
  watch.look(['/logs'], 1_000_000, 860_000);
  assert.match(watch.reasons[0]!.message, /near PANNIER_VOLUME_LIMIT/);
  assert.equal(said.length, 1);
  watch.look(['/logs'], 1_000_000, 2_000_000);
  assert.equal(freeBytes(watch), 0);
});

test('of several volumes the tightest is shown, and one that can not be told about is none', () => {
  const { watch } = watching({ '/a': room(5 * gib), '/b': room(3 * gib), '/c': undefined });
  watch.look(['/a', '/b', '/c'], undefined, 0);
  assert.equal(freeBytes(watch), 3 * gib);
  watch.look(['/c'], undefined, 0);
  assert.equal(watch.tightest, undefined);
});
