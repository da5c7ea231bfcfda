import { createHash, randomBytes } from 'node:crypto';
import type { Fingerprint } from '../types/stored.js';

/** Bytes of a whole fingerprint; a shorter one never identifies another inode (design, section 6). */
export const fingerprintBytes = 1024;
/** Bytes before an offset that its anchor covers. */
export const anchorBytes = 256;

/** 96 random bits: never derived from anything about the file, so two files can't share one. */
export const newFileId = (): string => randomBytes(12).toString('hex');

/** 64 bits of SHA-256: enough to tell files of one volume apart, and short in the store. */
export const hashOf = (bytes: Buffer, from: number, to: number): string =>
  createHash('sha256').update(bytes.subarray(from, to)).digest('hex').slice(0, 16);

/** Hash of the bytes just before `offset`; the empty anchor (length 0) fits anything. */
export interface Anchor {
  readonly offset: number;
  readonly hash: string;
  readonly length: number;
}

export const noAnchor: Anchor = { offset: 0, hash: '', length: 0 };

/** Anchor of file offset `offset`, whose byte is at `at` in `bytes`; `available` bytes before it are there. */
export function anchorAt(bytes: Buffer, at: number, offset: number, available: number): Anchor {
  const length = Math.min(anchorBytes, available, offset);
  return length === 0 ? { offset, hash: '', length: 0 } : { offset, hash: hashOf(bytes, at - length, at), length };
}

export const emptyFingerprint: Fingerprint = { length: 0, hash: '' };

/** Fingerprint of a file whose first `length` bytes (more than 1 KiB is cut) are in `first`. */
export function fingerprintOf(first: Buffer, length: number): Fingerprint {
  const taken = Math.min(length, fingerprintBytes);
  return taken === 0 ? emptyFingerprint : { length: taken, hash: hashOf(first, 0, taken) };
}

/** True when the file that begins with `first[0, length)` begins as `fingerprint` says. An empty fingerprint says nothing: true. */
export const beginsWith = (fingerprint: Fingerprint, first: Buffer, length: number): boolean =>
  fingerprint.length <= length &&
  (fingerprint.length === 0 || hashOf(first, 0, fingerprint.length) === fingerprint.hash);

/** A run of NULs is no evidence: a sparse file left by a truncation begins with them. */
export const isEvidence = (first: Buffer, length: number): boolean => {
  for (let at = 0; at < length; at += 1) if (first[at] !== 0) return true;
  return false;
};
