import type { IncomingHttpHeaders } from 'node:http';

/** Where a request comes from, as far as that decides what it may see and do. */
export interface Caller {
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Not all of 127.0.0.0/8: a service mesh hands requests from outside on from addresses such as 127.0.0.6. */
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const relayHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Why a caller is not one of this pod, for a person; undefined: it is one. The connection has to come from loopback, under a name of loopback
 * (a page whose own name resolves to 127.0.0.1 keeps that name in Host), and from nobody who relays.
 */
export function whyNotLocal({ remoteAddress, headers }: Caller): string | undefined {
  if (remoteAddress === undefined || !loopback.has(remoteAddress)) return 'the request does not come from loopback';
  if (headers.host === undefined || !localHost.test(headers.host)) return 'its Host is no name of loopback';
  const relay = relayHeaders.find((name) => headers[name] !== undefined);
  return relay === undefined ? undefined : `it was relayed (${relay})`;
}

/** As `whyNotLocal`, for requests that change something: a browser sends Origin with those of any page, ours has none that does. */
export function whyNotControl(caller: Caller): string | undefined {
  return (
    whyNotLocal(caller) ?? (caller.headers.origin === undefined ? undefined : 'it has an Origin: no page may send it')
  );
}
