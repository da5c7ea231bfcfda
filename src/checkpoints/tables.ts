import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c.js';
import { hasCode } from './state-dir.js';

/**
 * Names of the tables in a LevelDB directory that are not whole. LevelDB itself reads tables without looking at their checksums, and its
 * build of `classic-level` keeps the asserts: one flipped bit in a key ends the process (SIGABRT) when the table is read or compacted, and
 * a restart would only meet it again. So tables are checked before LevelDB sees them. An agent that was killed while it wrote a table leaves
 * one that is not whole and that LevelDB does not need.
 */
export async function findDamagedTables(directory: string): Promise<readonly string[]> {
  const damaged: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !/^\d+\.(ldb|sst)$/.test(entry.name)) continue;
    if (!(await isWholeOnDisk(join(directory, entry.name)))) damaged.push(entry.name);
  }
  return damaged;
}

async function isWholeOnDisk(path: string): Promise<boolean> {
  try {
    return isWholeTable(await readFile(path));
  } catch (error) {
    // Bad sectors stay bad; any other error may pass.
    if (hasCode(error, 'EIO')) return false;
    throw error;
  }
}

const footerLength = 48;
const magic = Buffer.from('57fb808b247547db', 'hex');
/** After each block: one byte for its compression, four for the checksum of both. */
const trailerLength = 5;

interface Block {
  readonly offset: number;
  readonly size: number;
}

/**
 * True when blocks with right checksums fill the whole of an uncompressed table, from its first byte to its footer.
 * Never throws. Source: LevelDB, doc/table_format.md and table/format.cc.
 */
export function isWholeTable(table: Buffer): boolean {
  const end = table.length - footerLength;
  if (end < 0 || !table.subarray(-magic.length).equals(magic)) return false;
  const footer = new BlockReader(table.subarray(end));
  const metaindex = footer.block();
  const index = footer.block();
  if (!isWhole(table, metaindex, end) || !isWhole(table, index, end)) return false;
  const blocks = [...listed(table, index), ...listed(table, metaindex), metaindex, index];
  let expected = 0;
  for (const block of blocks) {
    if (block.offset !== expected || !isWhole(table, block, end)) return false;
    expected += block.size + trailerLength;
  }
  return expected === end;
}

function isWhole(table: Buffer, { offset, size }: Block, end: number): boolean {
  const checked = offset + size + 1;
  if (!Number.isSafeInteger(checked) || checked + 4 > end || table[offset + size] !== 0) return false;
  const crc = crc32c(table, offset, checked);
  // Stored masked, since the checksum of bytes that hold checksums would be weak.
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return masked === table.readUInt32LE(checked);
}

/** The blocks that the entries of an index block name, in its order. */
function listed(table: Buffer, { offset, size }: Block): readonly Block[] {
  if (size < 4) return [];
  const restarts = table.readUInt32LE(offset + size - 4);
  const reader = new BlockReader(table.subarray(offset, Math.max(offset, offset + size - 4 - 4 * restarts)));
  const blocks: Block[] = [];
  while (reader.hasMore) {
    reader.varint(); // bytes of the key shared with the one before
    const keyBytes = reader.varint();
    reader.varint(); // bytes of the value: a block's handle ends by itself
    reader.skip(keyBytes);
    blocks.push(reader.block());
  }
  return blocks;
}

/** Reads LevelDB's varints; behind the end there are only zeros. */
class BlockReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  }

  block(): Block {
    return { offset: this.varint(), size: this.varint() };
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }
}
