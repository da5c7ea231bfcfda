import { request } from 'node:http';
import { controlPath, longestSocketPath } from '../types/control.js';

/** `answered`: the agent did it, or refused it. `nobody`: no agent listens there. `barred`: there is a socket, and it can't be used from here. */
export type SocketAnswer =
  | { readonly kind: 'answered'; readonly code: number; readonly value: unknown }
  | { readonly kind: 'nobody'; readonly why: string }
  | { readonly kind: 'barred'; readonly why: string };

export interface SocketQuestion {
  /** As `POST /checkpoints/rewind`. */
  readonly route: string;
  readonly body?: unknown;
  /** Called with each line of an answer that comes in lines; its `value` is then undefined. */
  readonly onLine?: (value: unknown) => void;
  /** The longest silence, ms. */
  readonly idleMs?: number;
}

const defaultIdleMs = 30_000;
/** Of an answer that does not come in lines so much is read; of one that does, in one line. */
const maxAnswerBytes = 16 * 1024 * 1024;

/**
 * Asks the agent that has the state directory. Never rejects. Whether one runs is decided by the connection: what a killed agent left refuses it. `nobody`
 * is not the last word: an agent whose directory has too long a name has no socket, so whoever goes on to open the store meets its lock.
 */
export async function askSocket(stateDir: string, question: SocketQuestion): Promise<SocketAnswer> {
  const path = controlPath(stateDir);
  if (Buffer.byteLength(path) > longestSocketPath)
    return { kind: 'nobody', why: `${path} is too long for a socket (${longestSocketPath} bytes)` };
  try {
    return await exchange(path, question);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED')
      return { kind: 'nobody', why: `nobody listens on ${path}` };
    if (code === 'EACCES' || code === 'EPERM')
      return { kind: 'barred', why: `${path} is the agent's user's: run this as that user, or as root` };
    return { kind: 'barred', why: `${path}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function exchange(
  socketPath: string,
  { route, body, onLine, idleMs = defaultIdleMs }: SocketQuestion,
): Promise<SocketAnswer> {
  const [method = '', path = ''] = route.split(' ');
  const sent = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(sent),
    Connection: 'close',
  };
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, headers, agent: false, timeout: idleMs }, (response) => {
      const code = response.statusCode ?? 0;
      const takeLine = response.headers['content-type'] === 'application/x-ndjson' ? onLine : undefined;
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        if (takeLine !== undefined) text = takeLines(text, takeLine);
        if (text.length > maxAnswerBytes) asking.destroy(new Error('the answer is too long to be one of Pannier'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (!response.complete) reject(new Error('the agent ended in the middle of its answer'));
        else resolve({ kind: 'answered', code, value: takeLine === undefined ? parsed(text) : undefined });
      });
    });
    asking.on('timeout', () => asking.destroy(new Error(`the agent was silent for ${idleMs / 1000} s`)));
    asking.on('error', reject);
    asking.end(sent);
  });
}

/** Hands whole lines on; returns what is left. */
function takeLines(text: string, onLine: (value: unknown) => void): string {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  for (const line of lines) onLine(parsed(line));
  return rest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why the agent refused, as it says itself. */
export function refusalOf(value: unknown): string {
  const message = memberOf(memberOf(value, 'error'), 'message');
  return typeof message === 'string' ? message : 'the agent refused it and did not say why';
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
