import { request } from 'node:http';
import type { Env } from './cli.js';

export interface AgentAddress {
  readonly host: string;
  readonly port: number;
  /** As in a URL. */
  readonly shown: string;
}

/** What the configuration as a whole says of PANNIER_LISTEN: undefined is `off`. Asked only where the environment does not say it. */
export type ConfiguredListen = () => Promise<{ readonly host: string; readonly port: number } | undefined>;

const timeoutMs = 3_000;
/** Of an answer so much is read: a hundred files and their outputs fit. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * Where the agent of this pod listens, on loopback, or why nobody can be asked. Commands run in the agent's memory limit, so the rest of the configuration
 * is read only where a file may set the address.
 */
export async function agentAddress(env: Env, configured: ConfiguredListen): Promise<AgentAddress | string> {
  const given = (env['PANNIER_LISTEN'] ?? '').trim();
  const inFile = given === '' && (env['PANNIER_CONFIG'] ?? '').trim() !== '';
  const off = 'PANNIER_LISTEN is off, so there is nobody to ask; set it to host:port';
  if (inFile) {
    const listen = await configured();
    return listen === undefined ? off : addressOf(listen.host, listen.port);
  }
  if (given.toLowerCase() === 'off') return off;
  const parts = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(given === '' ? ':9600' : given);
  const port = Number(parts?.[3]);
  if (parts === null || port < 1 || port > 65_535)
    return `PANNIER_LISTEN is ${JSON.stringify(given)}, which is no host:port`;
  return addressOf(parts[1] ?? parts[2] ?? '', port);
}

/** An address of every interface is asked on loopback. */
function addressOf(host: string, port: number): AgentAddress {
  if (host.includes(':')) {
    const six = /^[0:]+$/.test(host) ? '::1' : host;
    return { host: six, port, shown: `[${six}]:${port}` };
  }
  const four = host === '' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return { host: four, port, shown: `${four}:${port}` };
}

/** GET `path`. Rejects with the reason, for a person, when there is no whole answer in time. */
export function ask(
  { host, port, shown }: AgentAddress,
  path: string,
): Promise<{ readonly code: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    // One time for all of it: a request's own `timeout` starts again with every byte.
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { Host: shown, Connection: 'close' };
    const asking = request({ host, port, path, headers, signal, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > maxAnswerBytes) asking.destroy(new Error('the answer is too long to be one of Pannier'));
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body }));
      response.on('error', fail);
    });
    const fail = (error: Error): void =>
      reject(signal.aborted ? new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error }) : error);
    asking.on('error', fail);
    asking.end();
  });
}

const shownLength = 500;

/** One line for a person. What an answer holds is not trusted with a terminal. */
export function oneLine(words: string): string {
  const line = words.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;
}
