/** How a file's bytes are read. UTF-16 is known by its byte-order mark only; everything else is UTF-8, repaired where it is none. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The encoding of a name that is kept with a file; of any other name, and of none, it is UTF-8. */
export const encodingNamed = (name: string): Encoding => (name === 'utf-16le' || name === 'utf-16be' ? name : 'utf-8');

export interface Detected {
  readonly encoding: Encoding;
  /** Length of the byte-order mark: the first line begins after it. */
  readonly bomBytes: number;
}

const marks: readonly { readonly encoding: Encoding; readonly bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/**
 * The encoding of a file that begins with `first`. `whole`: no more will come soon, decide by what is there. Undefined while the bytes may still become
 * a byte-order mark. Source: WHATWG Encoding, "BOM sniff".
 */
export function detectEncoding(first: Buffer, whole: boolean): Detected | undefined {
  for (const { encoding, bytes } of marks) {
    const there = Math.min(first.length, bytes.length);
    if (!bytes.slice(0, there).every((byte, i) => first[i] === byte)) continue;
    if (there === bytes.length) return { encoding, bomBytes: there };
    if (!whole) return undefined;
  }
  return { encoding: 'utf-8', bomBytes: 0 };
}
