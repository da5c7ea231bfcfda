import { oneLine } from '../ask-agent.js';
import type { Log } from '../../types/log.js';

/** Rooms that a command borrows of the agent say what is wrong to a person, and nothing else. */
export function stderrLog(err: (text: string) => void): Log {
  const say = (fields: object, message: string): void => {
    const path = 'path' in fields && typeof fields.path === 'string' ? `${fields.path}: ` : '';
    err(`pannier: ${oneLine(path + message)}\n`);
  };
  return { debug: () => {}, info: () => {}, warn: say, error: say };
}
