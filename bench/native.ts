import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from './folders.js';

/** The programs in C: what must be so cheap, or so exact, that it does not count. */
export type NativeName = 'sink' | 'control' | 'writer';

const libraries: Readonly<Record<NativeName, readonly string[]>> = { sink: ['-lz'], control: [], writer: [] };

/** Whether the sink of this machine can speak TLS: that takes OpenSSL's headers. */
export const nativeTls = (): boolean => existsSync('/usr/include/openssl/ssl.h');

/**
 * Path of a program of `bench/native/`, compiled when it is missing or older than its source.
 * @throws Error with the compiler's words when it does not compile, or when there is no gcc
 */
export function nativeProgram(name: NativeName): string {
  const source = join(root, 'bench/native', `${name}.c`);
  const folder = join(cacheFolder(), 'native');
  const program = join(folder, name);
  if (existsSync(program) && statSync(program).mtimeMs >= statSync(source).mtimeMs) return program;
  mkdirSync(folder, { recursive: true });
  const tls = name === 'sink' && nativeTls() ? ['-DWITH_TLS', '-lssl', '-lcrypto'] : [];
  // To another name first: two benchmarks may compile at once.
  const made = `${program}.${process.pid}`;
  const { status, stderr, error } = spawnSync(
    'gcc',
    ['-O3', '-march=native', '-Wall', '-Wextra', source, '-o', made, ...libraries[name], ...tls],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${name}.c does not compile: ${error?.message ?? stderr.slice(0, 2_000)}`);
  renameSync(made, program);
  return program;
}
