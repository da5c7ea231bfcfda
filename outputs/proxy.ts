import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { ConfigError } from '../src/types/errors.js';

/**
 * The proxy for an https URL by `HTTPS_PROXY` and `NO_PROXY` (or their lower-case forms, which win, as in curl); undefined: none. http URLs go
 * straight, as these variables say nothing of them.
 * `NO_PROXY`: comma-separated host names (which stand for their subdomains too), addresses, each with or without a port; `*` is all. No CIDR ranges.
 * @throws ConfigError for a proxy that is no http(s) URL
 */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | undefined {
  const given = environment.https_proxy ?? environment.HTTPS_PROXY ?? '';
  if (url.protocol !== 'https:' || given === '' || isExempt(url, environment.no_proxy ?? environment.NO_PROXY ?? ''))
    return undefined;
  // `proxy:3128` parses as a scheme; people mean a host.
  const text = given.includes('://') ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol))
    throw new ConfigError([{ where: 'HTTPS_PROXY', problem: 'is not an http or https URL' }]);
  return proxy;
}

function isExempt(url: URL, exceptions: string): boolean {
  const port = url.port === '' ? '443' : url.port;
  return exceptions.split(',').some((exception) => {
    const [, name = '', onlyPort] = /^\s*(?:\*?\.)?(.*?)(?::(\d+))?\s*$/.exec(exception.toLowerCase()) ?? [];
    if (exception.trim() === '*') return true;
    if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}

/** Opens a connection to `target` (`host:port`) through `proxy`. Errors name the proxy, never its credentials. */
export function tunnel(proxy: URL, target: string, signal: AbortSignal): Promise<Socket> {
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization =
    credentials === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  const start = proxy.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`the proxy ${proxy.host} ${reason}`));
    const request = start({
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port === '' ? undefined : proxy.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization },
      agent: false,
      // Said outright, as for destinations (`leastTls`): nothing from outside switches it off.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      signal,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      fail(`answered ${response.statusCode} for ${target}`);
    });
    request.once('response', (response) => {
      response.destroy();
      fail(`answered ${response.statusCode} for ${target}`);
    });
    request.once('error', (error) => fail(`cannot be used: ${error.message}`));
    request.end();
  });
}
