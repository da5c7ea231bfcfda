import assert from 'node:assert/strict';
import { asObject } from './bulk-api.js';

/** `/health` as the contract writes it down. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly version: string;
  readonly config_hash: string;
  readonly started_at: string;
  readonly reasons: readonly {
    readonly code: string;
    readonly output: string;
    readonly message: string;
    readonly action: string;
  }[];
  readonly state: { readonly durable: boolean; readonly last_commit: string | null };
  readonly outputs: Readonly<Record<string, OutputHealth>>;
  readonly files: readonly FileHealth[];
  readonly files_total: number;
}

export interface OutputHealth {
  readonly type: string;
  readonly state: 'idle' | 'sending' | 'retrying' | 'blocked';
  readonly lag_bytes: number;
  readonly lag_seconds: number;
  readonly in_flight: { readonly requests: number; readonly bytes: number };
  readonly last_success: string | null;
  readonly last_error: {
    readonly code: string;
    readonly message: string;
    readonly at: string;
    readonly count: number;
  } | null;
  readonly ledger: LedgerHealth;
}

export interface LedgerHealth {
  readonly delivered: number;
  readonly dead_lettered: number;
  readonly left_out: number;
  readonly dropped: number;
  readonly pending: number;
}

export interface FileHealth {
  readonly path: string;
  readonly format: string;
  readonly parsed_share: number | null;
  readonly size: number;
  readonly state: 'open' | 'rotated' | 'deleted';
  readonly outputs: Readonly<Record<string, { readonly offset: number; readonly lag_bytes: number }>>;
}

const keys = {
  root: ['status', 'version', 'config_hash', 'started_at', 'reasons', 'state', 'outputs', 'files', 'files_total'],
  output: ['type', 'state', 'lag_bytes', 'lag_seconds', 'in_flight', 'last_success', 'last_error', 'ledger'],
  ledger: ['delivered', 'dead_lettered', 'left_out', 'dropped', 'pending'],
  file: ['path', 'format', 'parsed_share', 'size', 'state', 'outputs'],
};

/** Reads an answer of `/health`. @throws AssertionError where a key of the contract is missing or one stands there that it does not know. */
export function readHealth(text: string): Health {
  const value: unknown = JSON.parse(text);
  assertHealth(value);
  return value;
}

function assertHealth(value: unknown): asserts value is Health {
  const health = withKeys('/health', value, keys.root);
  withKeys('state', health.state, ['durable', 'last_commit']);
  for (const [name, output] of Object.entries(asObject(health.outputs) ?? {})) {
    const { ledger, in_flight, last_error } = withKeys(`outputs.${name}`, output, keys.output);
    for (const [kind, count] of Object.entries(withKeys(`outputs.${name}.ledger`, ledger, keys.ledger)))
      assert.ok(
        Number.isSafeInteger(count) && Number(count) >= 0,
        `outputs.${name}.ledger.${kind} is ${String(count)}`,
      );
    withKeys(`outputs.${name}.in_flight`, in_flight, ['requests', 'bytes']);
    if (last_error !== null) withKeys(`outputs.${name}.last_error`, last_error, ['code', 'message', 'at', 'count']);
  }
  assert.ok(Array.isArray(health.reasons) && Array.isArray(health.files));
  for (const reason of health.reasons) withKeys('reason', reason, ['code', 'output', 'message', 'action']);
  for (const file of health.files) withKeys('file', file, keys.file);
}

function withKeys(what: string, value: unknown, expected: readonly string[]): Readonly<Record<string, unknown>> {
  const object = asObject(value);
  assert.ok(object !== undefined, `${what} is no object`);
  assert.deepEqual(Object.keys(object).toSorted(), expected.toSorted(), `keys of ${what}`);
  return object;
}
