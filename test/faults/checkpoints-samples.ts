import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredCursor, StoredFile } from '../../src/types/stored.js';

export const sampleId = (number: number): string => number.toString(16).padStart(24, '0');

export function sampleFile(number: number, changes: Partial<StoredFile> = {}): StoredFile {
  return {
    fileId: sampleId(number),
    path: `/var/log/app/${number}.log`,
    device: '64769',
    inode: '18446744073709551615',
    birthNs: '1795166102123456789',
    fingerprint: { length: 1024, hash: 'c0ffee' },
    size: 4096,
    encoding: 'utf-8',
    format: 'json',
    firstSeen: 1795166102123.5,
    lastSeen: 1795166102999,
    gone: false,
    ...changes,
  };
}

/** A cursor that has come as far as `offset`, all of it delivered but for what `others` says. */
export function sampleCursor(offset: number, { deadLettered = 0, leftOut = 0, dropped = 0 } = {}): StoredCursor {
  const delivered = offset - deadLettered - leftOut - dropped;
  return {
    offset,
    anchor: 'beef',
    anchorLength: Math.min(offset, 64),
    lineStart: -1,
    part: 0,
    ledger: { delivered, deadLettered, leftOut, dropped },
  };
}

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'pannier-checkpoints-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
