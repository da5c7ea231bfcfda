/** There is nothing to set: records go to standard output, one JSON document a line (NDJSON). */
export const settings = {};

export const defaults = { batchMaxBytes: '256KiB', batchMaxWait: '50ms' } as const;
