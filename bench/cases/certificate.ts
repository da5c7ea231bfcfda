import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../folders.js';
import { nativeTls } from '../native.js';

/** Paths. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for 127.0.0.1 that signs itself; made once. @throws Error where this machine has no OpenSSL */
export function certificate(): TlsFiles {
  if (!nativeTls()) throw new Error('the headers of OpenSSL are not there, so the sink cannot speak TLS');
  const folder = join(cacheFolder(), 'tls');
  const made = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  if (existsSync(made.cert)) return made;
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', made.key, '-out', made.cert],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return made;
}
