import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of a test's own, in a folder of its own. */
export class TestAuthority implements Disposable {
  readonly caFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'pannier-tls-'));
  readonly #key: string;
  #serial = 1;

  /** True when the machine has the program that makes certificates. */
  static isPossible(): boolean {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  constructor(name = 'test authority') {
    this.caFile = this.file('ca.pem');
    this.#key = this.file('ca.key');
    const selfSigned = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    openssl(...selfSigned, '-subj', `/CN=${name}`, '-keyout', this.#key, '-out', this.caFile);
  }

  /** A path in the authority's folder, removed with it. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  /** A certificate for a server or client; `names` is a subjectAltName such as `IP:127.0.0.1`. One of `-1` days has expired already. */
  issue(name: string, names = 'IP:127.0.0.1', days = 2): KeyPair {
    const serial = String(this.#serial++);
    const base = `${name}-${serial}`;
    const [keyFile, request, certFile, extensions] = ['key', 'csr', 'pem', 'ext'].map((end) =>
      this.file(`${base}.${end}`),
    );
    if (keyFile === undefined || request === undefined || certFile === undefined || extensions === undefined)
      throw new Error('four names make four files');
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    const newKey = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request);
    const signed = ['x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.#key, '-set_serial', serial];
    openssl(...signed, '-days', String(days), '-extfile', extensions, '-out', certFile);
    return { certFile, keyFile };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
}
