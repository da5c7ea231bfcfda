import type { Destination } from './destination.js';
import { Places } from './places.js';

/**
 * A destination that two may send to, a lane and a replay of dead letters, one request at a time: an ordered output writes into one file, or one buffer. One
 * that is not ordered takes requests side by side anyway and is left as it is.
 */
export function takingTurns(destination: Destination): Destination {
  if (!destination.ordered) return destination;
  const turn = new Places(1);
  return {
    ordered: true,
    concurrency: destination.concurrency,
    limits: destination.limits,
    ...(destination.encodePlain !== undefined && {
      encodePlain: (...all: Parameters<NonNullable<Destination['encodePlain']>>) => destination.encodePlain?.(...all),
    }),
    send: async (items, signal) => {
      if (!(await turn.take(signal))) throw signal.reason;
      try {
        return await destination.send(items, signal);
      } finally {
        turn.free();
      }
    },
    check: (signal) => destination.check(signal),
  };
}
