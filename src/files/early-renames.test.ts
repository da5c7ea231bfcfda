import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EarlyRenames } from './early-renames.js';
import type { Candidate } from './walk.js';

const candidate = (path: string, bornMs: number): Candidate => ({
  key: '1:2',
  matched: undefined,
  paths: [path],
  stat: { device: '1', inode: '2', birthNs: `${bornMs}000000`, size: 5, mtimeMs: bornMs, kind: 'file' },
});

test('a file born since the scan before, also by the clock of the kernel that is a tick behind, has the name that had events', () => {
  const renames = new EarlyRenames();
  renames.scanBegins(1000);
  renames.event('/logs/a.log');
  renames.scanBegins(1020);
  assert.equal(renames.formerName(candidate('/logs/a.log.1', 1005)), '/logs/a.log');
  assert.equal(renames.formerName(candidate('/logs/a.log.1', 996)), '/logs/a.log');
  assert.equal(renames.formerName(candidate('/logs/a.log.1', 980)), undefined);
  assert.equal(renames.formerName(candidate('/logs/b.log.1', 1005)), undefined);
});
