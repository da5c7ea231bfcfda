import type { Fingerprint, Ledger, StoredCursor, StoredFile, StoredRange } from '../types/stored.js';
import { isFileId } from './keys.js';

/**
 * Reads what the store gave back, strictly: undefined unless every member is there with its type and range. Members that this version does
 * not know are left out.
 */
export function readFile(data: unknown): StoredFile | undefined {
  const from = members(data);
  const fingerprint = readFingerprint(from.fingerprint);
  const { fileId, path, device, inode, birthNs, size, encoding, format, firstSeen, lastSeen, gone } = from;
  if (!isText(fileId) || !isFileId(fileId) || !isText(path) || path === '' || fingerprint === undefined)
    return undefined;
  if (!isDecimal(device) || !isDecimal(inode) || !isText(birthNs) || (birthNs !== '' && !isDecimal(birthNs)))
    return undefined;
  if (!isCount(size) || !isText(encoding) || !isText(format) || !isTime(firstSeen) || !isTime(lastSeen))
    return undefined;
  if (typeof gone !== 'boolean') return undefined;
  return { fileId, path, device, inode, birthNs, fingerprint, size, encoding, format, firstSeen, lastSeen, gone };
}

/**
 * As `readFile`. A cursor whose ledger does not add up to its offset is refused as well (design, promise 7). A range above it that makes no sense is left
 * out alone: what it held is sent again.
 */
export function readCursor(data: unknown): StoredCursor | undefined {
  const cursor = readPlace(data);
  if (cursor === undefined || !addsUp(cursor)) return undefined;
  const ahead = readRange(members(data).ahead, cursor.offset);
  return ahead === undefined ? cursor : { ...cursor, ahead };
}

/** A range that begins at `cursorOffset` or above. */
function readRange(data: unknown, cursorOffset: number): StoredRange | undefined {
  const place = readPlace(data);
  const { start } = members(data);
  if (place === undefined || !isCount(start) || start < cursorOffset || start > place.offset) return undefined;
  return addsUp({ offset: place.offset - start, ledger: place.ledger }) ? { start, ...place } : undefined;
}

/** What a cursor and a range have in common. */
function readPlace(data: unknown): Omit<StoredCursor, 'ahead'> | undefined {
  const { offset, anchor, anchorLength, lineStart, part, ledger: stored } = members(data);
  const ledger = readLedger(stored);
  if (!isCount(offset) || !isText(anchor) || !isCount(anchorLength) || ledger === undefined) return undefined;
  if (!isCount(part) || !(isCount(lineStart) || lineStart === -1)) return undefined;
  return { offset, anchor, anchorLength, lineStart, part, ledger };
}

/** As `readFile`. */
export function readLedger(data: unknown): Ledger | undefined {
  const { delivered, deadLettered, leftOut, dropped } = members(data);
  if (!isCount(delivered) || !isCount(deadLettered) || !isCount(leftOut) || !isCount(dropped)) return undefined;
  return { delivered, deadLettered, leftOut, dropped };
}

/** As `readFile`: when an output was last in use. */
export function readLastUsed(data: unknown): number | undefined {
  const { lastUsed } = members(data);
  return isTime(lastUsed) ? lastUsed : undefined;
}

/** The ledger counts positions: its parts are the offset, always. */
export function addsUp({ offset, ledger }: Pick<StoredCursor, 'offset' | 'ledger'>): boolean {
  return offset === ledger.delivered + ledger.deadLettered + ledger.leftOut + ledger.dropped;
}

function readFingerprint(data: unknown): Fingerprint | undefined {
  const { length, hash } = members(data);
  return isCount(length) && isText(hash) ? { length, hash } : undefined;
}

/** The own members of an object; none of anything else, so that each is then missed. */
function members(data: unknown): Readonly<Partial<Record<string, unknown>>> {
  return typeof data === 'object' && data !== null ? Object.fromEntries(Object.entries(data)) : {};
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isDecimal = (value: unknown): value is string => isText(value) && /^\d{1,20}$/.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
/** ms since the epoch, with a fraction where they come from a file's times. */
const isTime = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;
