import { rankOf } from '../types/levels-in-order.js';
import type { SampleRate } from '../types/rates.js';
import type { LogRecord } from '../types/record.js';
import type { Test } from './filter.js';
import { memberAt } from './record-fields.js';

/**
 * Lets a share of the records pass, chosen by a hash of the key's value, else of the record's place in its file: the same again whenever it is read
 * again. All parts of a line have one fate. Errors and worse pass, unless they are to be sampled too.
 */
export function sampler({ share, key, includingErrors }: SampleRate): Test {
  const most = share * 2 ** 32;
  return (record) => {
    if (!includingErrors && record.level !== undefined && rankOf(record.level) >= rankOf('error')) return true;
    return hashOf(identityOf(record, key)) < most;
  };
}

function identityOf(record: LogRecord, key: string | undefined): string {
  const value = key === undefined ? undefined : memberAt(record.members, key);
  return value ?? `${record.file.fileId}-${record.part?.offset ?? record.start}`;
}

/** FNV-1a over UTF-16 units, then the finalizer of MurmurHash3, since the last digits of an offset would change too little; 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
