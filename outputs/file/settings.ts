import { integer, path, size } from '../../src/types/setting.js';

export const settings = {
  path: path({
    env: 'PATH',
    required: true,
    doc: 'File that records are appended to, one JSON document a line (NDJSON). Its folder must exist; the file is made with mode 0600.',
  }),
  maxBytes: size({
    env: 'MAX_BYTES',
    default: '100MiB',
    min: '64KiB',
    doc: 'A batch that would make the file larger goes into a new one; the old one becomes `PATH.1`.',
  }),
  maxFiles: integer({
    env: 'MAX_FILES',
    default: '5',
    min: '1',
    max: '1000',
    doc: 'Rotated files kept beside the current one, `PATH.1` (the youngest) to `PATH.<MAX_FILES>`. The oldest is replaced.',
  }),
};

export const defaults = { batchMaxBytes: '256KiB', batchMaxWait: '50ms' } as const;
