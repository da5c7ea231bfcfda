// One class for all bundles, as the others of its kind.
export { ControlError, type ControlCode } from './errors.js';

/** One request to the running agent through its control socket, once its body was read. */
export interface ControlRequest {
  /** The body's JSON; undefined where there was none. From outside: to be read before it is used. */
  readonly body: unknown;
  /** Aborted when the caller goes away, and when the agent ends. */
  readonly signal: AbortSignal;
}

/**
 * Does what a route is for. Its value is the answer's JSON; what it yields goes out line by line, each as JSON, as fast as the caller reads.
 * @throws ControlError for what the caller is to be told; anything else is a bug, which is logged.
 */
export type ControlRoute = (request: ControlRequest) => Promise<unknown> | AsyncIterable<unknown>;

/** By method and path, as `POST /checkpoints/rewind`. */
export type ControlRoutes = Readonly<Record<string, ControlRoute>>;

/** Where the socket of an agent is. */
export const controlPath = (stateDir: string): string => `${stateDir.replace(/\/+$/, '')}/control.sock`;

/** Bytes of the longest path that a socket can have: `sun_path` has 108 with its final NUL on Linux, 104 on macOS. */
export const longestSocketPath = process.platform === 'linux' ? 107 : 103;
