import { connect } from 'node:net';
import type { Configuration } from '../../types/configuration.js';
import { ask } from '../ask-agent.js';
import { fail, ok, type Finding } from './finding.js';

const waitMs = 2000;

/**
 * Who is at the listener's port. Only asked, never bound: a port that is held for a moment is a port that the agent can't have. `isAgentHere`: an
 * agent has the state directory.
 */
export async function checkListener(listen: Configuration['listen'], isAgentHere: boolean): Promise<Finding> {
  if (listen === undefined) return ok('listener', 'is off');
  const { host, port } = addressOf(listen);
  const check = `listener ${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
  if (!(await isTaken(host, port))) return ok(check, 'the port is free');
  try {
    const { code, body } = await ask({ host, port, shown: `localhost:${port}` }, '/health');
    const isOurs = (code === 200 || code === 503) && body.includes('"config_hash"');
    if (isOurs && isAgentHere) return ok(check, 'is held by the running agent');
    if (isOurs) return ok(check, 'an agent of Pannier answers there');
  } catch {
    // it speaks something else
  }
  return fail(
    check,
    'the port is taken by another program',
    'free it, or set PANNIER_LISTEN to another; shipping goes on without it, probes do not',
  );
}

/** Where every address is meant, loopback is asked. */
function addressOf({ host, port }: { readonly host: string; readonly port: number }): { host: string; port: number } {
  if (/^[0:]+$/.test(host) && host.includes(':')) return { host: '::1', port };
  return { host: host === '' || host === '0.0.0.0' ? '127.0.0.1' : host, port };
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: waitMs });
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(true));
    socket.once('error', () => end(false));
  });
}
