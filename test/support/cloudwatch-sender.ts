/**
 * A program for `test/outputs/cloudwatch-credentials.test.ts`: opens the CloudWatch output of the bundle `argv[2]` with what the environment says, sends
 * one record, and prints `accepted`, or the error's code and message.
 */
import { createRequire } from 'node:module';
import { itemsOf, recordOf } from './items.js';
import type { Output, OutputModule, SettingsTable } from '../../outputs/output.js';

const loaded: unknown = createRequire(import.meta.url)(process.argv[2] ?? '');

function isModule(value: unknown): value is OutputModule<SettingsTable> {
  return typeof value === 'object' && value !== null && 'create' in value && typeof value.create === 'function';
}

const module: unknown = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'output') : undefined;
if (!isModule(module)) throw new Error('the bundle has no output');

try {
  await using output: Output = await module.create({
    name: 'cloudwatch',
    settings: {
      logGroup: '/g',
      logStream: 's',
      retentionDays: undefined,
      body: 'line',
      connectTimeout: 10_000,
      requestTimeout: 15_000,
    },
    batchMaxBytes: 1_048_576,
    origin: { pod: 'p', namespace: '', node: '', podUid: '', container: '', service: '', host: 'h', labels: {} },
    version: '1.2.3',
  });
  const outcomes = await output.send(itemsOf(output, [recordOf('hello')]), new AbortController().signal);
  process.stdout.write(JSON.stringify({ outcomes }));
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  process.stdout.write(JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) }));
}
