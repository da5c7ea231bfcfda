import { newDeliveryStats } from '../../src/types/stats.js';
import type { AgentStatus, DeliveryStats, OutputStatus } from '../../src/types/stats.js';
import { emptyLedger } from '../../src/types/stored.js';

/** 2026-11-20T09:15:02.000Z */
export const sampleNowMs = Date.UTC(2026, 10, 20, 9, 15, 2);

/** An agent that is well, with no output. */
export function sampleStatus(changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    version: '1.2.3',
    configHash: 'abc123',
    startedAtMs: sampleNowMs - 3_600_000,
    ready: true,
    live: true,
    failing: false,
    reasons: [],
    durable: true,
    lastCommitMs: sampleNowMs - 500,
    checkpointErrors: 0,
    configValid: true,
    outputs: [],
    files: [],
    filesTotal: 0,
    heldBytes: 0,
    volume: { bytes: 1000, freeBytes: 400, inodes: 100, freeInodes: 90 },
    removed: { files: 0, bytes: 0 },
    pinnedBytes: 0,
    logCounts: [],
    ...changes,
  };
}

export function sampleOutput(
  name: string,
  delivery: Partial<DeliveryStats> = {},
  changes: Partial<OutputStatus> = {},
): OutputStatus {
  return {
    name,
    type: name,
    delivery: { ...newDeliveryStats(), ...delivery },
    lagBytes: 0,
    lagSeconds: 0,
    ledger: emptyLedger(),
    pendingBytes: 0,
    recordsLeftOut: new Map(),
    droppedBytes: new Map(),
    rewound: emptyLedger(),
    ...changes,
  };
}

/** What a refused connection leaves behind. */
export const refused: Partial<DeliveryStats> = {
  state: 'retrying',
  failing: true,
  lastError: {
    code: 'OUTPUT_UNREACHABLE',
    message: 'connect ECONNREFUSED 10.0.0.7:9200',
    atMs: sampleNowMs - 2000,
    count: 3,
  },
};
