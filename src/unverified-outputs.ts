import type { RunningOutput } from './assemble-lane.js';
import type { Reason } from './types/stats.js';

/**
 * A reason for each output whose TLS takes any certificate: an exception that was made for an afternoon should not be forgotten, so `/health` is
 * `degraded` for as long as it lasts.
 */
export function unverifiedOutputs(outputs: readonly RunningOutput[]): Reason[] {
  return outputs.flatMap(({ name, output: { unverifiedBy } }) =>
    unverifiedBy === undefined
      ? []
      : [
          {
            code: 'OUTPUT_TLS_UNVERIFIED' as const,
            output: name,
            message: `any certificate is taken (${unverifiedBy}=false): whoever is in between can read and change all that is sent, credentials included`,
            action: `set ${unverifiedBy.replace(/TLS_VERIFY$/, 'CA_FILE')} to the authority of the destination, and leave ${unverifiedBy} out`,
          },
        ],
  );
}
