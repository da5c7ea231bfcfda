import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject } from './bulk-api.js';

/** A secret in a line. None of them is real: numbers, names and tokens were made up by a generator. */
export interface Planted {
  readonly kind: string;
  readonly line: string;
  readonly secret: string;
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'secrets');
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** In the file each secret is in pieces, so that nobody who looks through repositories for secrets finds one here. */
export const planted: readonly Planted[] = (read('planted.json') as unknown[]).map((entry) => {
  const { kind, before, secret, after } = asObject(entry) ?? {};
  const whole = texts(secret).join('');
  return { kind: String(kind), secret: whole, line: `${String(before)}${whole}${String(after)}` };
});

/** Lines that hold nothing to be redacted. */
export const lookAlikes: readonly string[] = texts(read('look-alikes.json'));
