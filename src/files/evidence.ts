import type { Content, PlainContent } from './content.js';
import { beginsWith, fingerprintBytes, hashOf, isEvidence, type Anchor } from './identity.js';
import type { Fingerprint } from '../types/stored.js';
import { RefusedError } from './open-checked.js';
import { packingOf, unpack, type Packing } from './packed-content.js';

/** What of a file's content speaks for or against an identity. */
export interface Evidence {
  /** Readable (unpacked) bytes. */
  readonly size: number;
  readonly first: Buffer;
  /** Bytes of `first` that are there: up to 1 KiB. */
  readonly firstLength: number;
  /** Anchors that fit, as asked for. */
  fits(anchor: Anchor): boolean;
}

/** Whose anchors are asked for may depend on how the content begins: of thousands of files few begin alike. */
export type AnchorsFor<T> = (first: Buffer, firstLength: number) => T;

/** Reads the beginning of a plain file and the bytes before each anchor's offset. @throws system errors */
export async function examine(
  content: Content,
  anchors: readonly Anchor[] | AnchorsFor<readonly Anchor[]>,
): Promise<Evidence> {
  const { size } = content.look();
  const first = Buffer.alloc(fingerprintBytes);
  const firstLength = await content.read(first, 0, fingerprintBytes, 0);
  const fitting = new Set<string>();
  for (const anchor of typeof anchors === 'function' ? anchors(first, firstLength) : anchors) {
    const bytes = Buffer.alloc(anchor.length);
    const count = anchor.length === 0 ? 0 : await content.read(bytes, 0, anchor.length, anchor.offset - anchor.length);
    if (count === anchor.length && (count === 0 || hashOf(bytes, 0, count) === anchor.hash))
      fitting.add(nameOf(anchor));
  }
  return { size, first, firstLength, fits: (anchor) => fitting.has(nameOf(anchor)) };
}

export interface PackedEvidence extends Evidence {
  readonly packing: Packing;
}

/**
 * The same of a compressed file's unpacked bytes, in one pass that also proves that it is whole. undefined: it is not compressed, is not finished, or
 * `anchorsFor` wants nothing that begins so (so that a big archive of something else costs one block only). @throws RefusedError when it asks for too much
 */
export async function examinePacked(
  packed: PlainContent,
  anchorsFor: AnchorsFor<readonly Anchor[] | undefined>,
): Promise<PackedEvidence | undefined> {
  const magic = Buffer.alloc(4);
  const packing = (await packed.read(magic, 0, 4, 0)) < 4 ? undefined : packingOf(magic);
  if (packing === undefined) return undefined;
  const first = Buffer.alloc(fingerprintBytes);
  let collected: { readonly anchor: Anchor; readonly bytes: Buffer }[] | undefined;
  /** What came before the beginning was whole. */
  const early: Buffer[] = [];
  let size = 0;
  const collect = (chunk: Buffer, at: number): void => {
    for (const { anchor, bytes } of collected ?? []) {
      const begin = anchor.offset - anchor.length;
      const from = Math.max(begin, at);
      const to = Math.min(anchor.offset, at + chunk.length);
      if (from < to) chunk.copy(bytes, from - begin, from - at, to - at);
    }
  };
  /** False: nobody begins so. */
  const ask = (): boolean => {
    const anchors = anchorsFor(first, Math.min(size, fingerprintBytes));
    collected = anchors?.map((anchor) => ({ anchor, bytes: Buffer.alloc(anchor.length) }));
    let at = 0;
    for (const chunk of early.splice(0)) {
      collect(chunk, at);
      at += chunk.length;
    }
    return anchors !== undefined;
  };
  const source = unpack(packed, packing);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (size < fingerprintBytes) chunk.copy(first, size, 0, fingerprintBytes - size);
      if (collected === undefined) early.push(chunk);
      else collect(chunk, size);
      size += chunk.length;
      if (collected === undefined && size >= fingerprintBytes && !ask()) return undefined;
    }
  } catch (error) {
    if (error instanceof RefusedError || isUnreadable(error)) throw error;
    return undefined; // still being written, or broken: looked at again with the next scan
  } finally {
    source.destroy();
  }
  if (collected === undefined && !ask()) return undefined;
  const fitting = new Set(
    (collected ?? [])
      .filter(
        ({ anchor, bytes }) =>
          anchor.offset <= size && (anchor.length === 0 || hashOf(bytes, 0, anchor.length) === anchor.hash),
      )
      .map(({ anchor }) => nameOf(anchor)),
  );
  const firstLength = Math.min(size, fingerprintBytes);
  return { size, first, firstLength, packing, fits: (anchor) => fitting.has(nameOf(anchor)) };
}

/** The system refused it (EIO, ENOMEM): that says nothing of what the file holds. zlib's codes begin with Z. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code));

const nameOf = ({ offset, length, hash }: Anchor): string => `${offset}:${length}:${hash}`;

/** Rule 1 and 2 of the matching order, for a file whose inode is the known one: nothing of it may speak against the identity. */
export function isSame(
  known: { readonly fingerprint: Fingerprint; readonly size: number },
  anchors: readonly Anchor[],
  evidence: Evidence,
): boolean {
  return (
    evidence.size >= known.size &&
    beginsWith(known.fingerprint, evidence.first, evidence.firstLength) &&
    anchors.every((anchor) => anchor.offset <= evidence.size && evidence.fits(anchor))
  );
}

/** Rule 3: another inode is the known file only by a whole fingerprint that is not all NULs and by its anchors. */
export function isSameElsewhere(
  known: { readonly fingerprint: Fingerprint },
  anchors: readonly Anchor[],
  evidence: Evidence,
): boolean {
  return (
    known.fingerprint.length === fingerprintBytes &&
    beginsWith(known.fingerprint, evidence.first, evidence.firstLength) &&
    isEvidence(evidence.first, evidence.firstLength) &&
    anchors.every((anchor) => anchor.offset <= evidence.size && evidence.fits(anchor))
  );
}

/**
 * The copy that copytruncate made of a file that was just truncated: as rule 3, but bytes written between copy and truncation never reached it, so anchors beyond its
 * end say nothing; one that lies inside, or a comparison made while the original still stood, must speak for it.
 */
export function isCopy(
  truncated: { readonly fingerprint: Fingerprint },
  anchors: readonly Anchor[],
  evidence: Evidence,
  comparedBefore: boolean,
): boolean {
  const inside = anchors.filter((anchor) => anchor.offset <= evidence.size);
  return (comparedBefore || inside.length > 0) && isSameElsewhere(truncated, inside, evidence);
}
