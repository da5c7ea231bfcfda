import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '../../test/support/manual-clock.js';
import { systemFiles } from './file-system.js';
import { FileTable } from './file-table.js';

const text = Array.from({ length: 500 }, (_, at) => `line ${at}\n`).join('');
const packed = gzipSync(text);

/** Where it is packed to, and how much of it is there when it is first looked at. */
for (const there of [0, 3, packed.length >> 1])
  test(`a .gz that is finished between two looks of one scan (${there} bytes at the first) is no new file`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
    const path = join(dir, 'app.log.1.gz');
    let opened = 0;
    const quiet = (): void => {};
    await using table = new FileTable({
      paths: [join(dir, '*')],
      exclude: [],
      holdMaxBytes: 1_000_000,
      holdMaxAgeMs: 3_600_000,
      holdGraceMs: 60_000,
      forgetAfterMs: 7 * 86_400_000,
      volumeLimit: undefined,
      deleteShipped: 'off',
      ownFolders: [],
      ownFiles: () => Promise.resolve([]),
      fs: {
        ...systemFiles,
        open: (name) => {
          // The first look is over, the second begins: whoever packs has finished in between.
          if (name.endsWith('.gz') && (opened += 1) === 2) writeFileSync(name, packed);
          return systemFiles.open(name);
        },
      },
      clock: new ManualClock(Date.now()),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      stored: [],
      store: { putFiles: () => Promise.resolve(), forget: quiet },
    });
    await mkdir(dir, { recursive: true });
    await appendFile(join(dir, 'app.log'), text);
    await table.scan();
    await writeFile(path, packed.subarray(0, there));
    await table.scan();
    await writeFile(path, packed);
    await table.scan();
    await rm(join(dir, 'app.log'));
    await table.scan();
    assert.deepEqual(
      [...table.files].map((file) => file.path),
      [join(dir, 'app.log')],
    );
    await rm(dir, { recursive: true });
  });
