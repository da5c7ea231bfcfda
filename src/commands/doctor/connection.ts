import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tunnel } from '../../../outputs/proxy.js';

/** How far a connection came, and what the other side showed. */
export interface Probe {
  /** Why there is none; undefined: there is. */
  readonly problem: string | undefined;
  /** End of the certificate, ms since the epoch; undefined without TLS. */
  readonly certificateEndMs: number | undefined;
}

/**
 * Connects (name, TCP, and for https TLS), looks at the certificate and closes. Sends nothing of ours, and trusts nobody: whether the certificate is good
 * is for the output's own check to say. Never rejects.
 */
export async function probe(url: URL, proxy: URL | undefined, signal: AbortSignal): Promise<Probe> {
  let socket: Socket | undefined;
  try {
    const isTls = url.protocol === 'https:';
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const plain =
      proxy === undefined ? connectPlain({ host, port }) : await tunnel(proxy, `${url.hostname}:${port}`, signal);
    socket = plain;
    if (proxy === undefined) await ready(plain, 'connect', signal);
    if (!isTls) return { problem: undefined, certificateEndMs: undefined };
    const isName = !/^[\d.]+$|:/.test(host);
    const secure = connectTls({
      socket: plain,
      ...(isName ? { servername: host } : {}),
      minVersion: 'TLSv1.2',
      // Nothing goes over this connection: it is only looked at.
      rejectUnauthorized: false,
    });
    socket = secure;
    await ready(secure, 'secureConnect', signal);
    const end = Date.parse(secure.getPeerCertificate().valid_to);
    return { problem: undefined, certificateEndMs: Number.isNaN(end) ? undefined : end };
  } catch (error) {
    const text = error instanceof Error ? error.message || String(codeOf(error)) : String(error);
    return { problem: signal.aborted ? 'no connection in time' : text, certificateEndMs: undefined };
  } finally {
    // What comes after we have seen enough is nobody's concern.
    socket?.on('error', () => {});
    socket?.destroy();
  }
}

const codeOf = (error: Error): unknown => ('code' in error ? error.code : error.name);

function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Error('no connection in time'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    socket.once('error', reject);
  });
}
