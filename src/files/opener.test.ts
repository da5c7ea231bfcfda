import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemFiles } from './file-system.js';
import { Opener } from './opener.js';
import { keyOf, type Candidate } from './walk.js';
import { Warnings } from './warnings.js';

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

test('what has taken the name of a candidate since the walk is not opened for it', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pannier-opener-')));
  try {
    const path = join(folder, 'app.log.1');
    writeFileSync(path, 'old');
    const stat = systemFiles.stat(path)!;
    const candidate: Candidate = { key: keyOf(stat), stat, paths: [path], matched: undefined };
    const opener = new Opener(systemFiles, new Warnings(silent));
    opener.within([folder], new Set());
    const before = await opener.plainOf(candidate);
    assert.equal(candidate.doubtful, undefined);
    before?.content.close();
    // The next rotation.
    renameSync(path, join(folder, 'app.log.2'));
    writeFileSync(path, 'young');
    assert.equal(await opener.plainOf(candidate), undefined);
    assert.equal(candidate.doubtful, true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
