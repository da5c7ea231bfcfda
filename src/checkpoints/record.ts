import { crc32 } from 'node:zlib';

/**
 * Brings the data of one record from one schema version to the next. Gets what JSON gave, so it checks before it reads; what it makes of
 * nonsense is nonsense, which the reading of the newest form then refuses.
 */
export type Migration = (key: string, data: unknown) => unknown;

/** The migration at index i leads from version i + 1 to version i + 2. Entries are never changed or taken out once released. */
export const migrations: readonly Migration[] = [];

/** Version of the form that this program writes. */
export const schemaVersion = migrations.length + 1;

export type Decoded =
  | { readonly kind: 'read'; readonly data: unknown; readonly version: number }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'bad'; readonly reason: string };

/**
 * A record as it is stored: `<version> <crc32, 8 hex digits> <JSON>`. The checksum covers the key too: a flipped bit there would hand one
 * file's cursor to another file. These first two words keep their form in every later version, so that an older program can tell a newer
 * record from a damaged one.
 */
export function encodeRecord(key: string, data: unknown, version = schemaVersion): string {
  const json = JSON.stringify(data);
  return `${version} ${checksum(key, version, json)} ${json}`;
}

/** Reads a stored record and migrates it to `schemaVersion`. Never throws, whatever `text` is. */
export function decodeRecord(key: string, text: string, steps: readonly Migration[] = migrations): Decoded {
  const head = /^([1-9]\d{0,8}) ([0-9a-f]{8}) /.exec(text);
  if (head?.[1] === undefined) return { kind: 'bad', reason: 'its head is damaged' };
  const version = Number(head[1]);
  const json = text.slice(head[0].length);
  if (head[2] !== checksum(key, version, json)) return { kind: 'bad', reason: 'its checksum does not match' };
  if (version > steps.length + 1) return { kind: 'newer', version };
  try {
    let data: unknown = JSON.parse(json);
    for (const migrate of steps.slice(version - 1)) data = migrate(key, data);
    return { kind: 'read', data, version };
  } catch (error) {
    return { kind: 'bad', reason: error instanceof Error ? error.message : String(error) };
  }
}

function checksum(key: string, version: number, json: string): string {
  return crc32(`${version} ${key} ${json}`).toString(16).padStart(8, '0');
}
