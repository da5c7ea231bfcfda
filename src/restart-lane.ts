import { endJourneys, replacedGraceMs, type Journey } from './journey.js';
import { takenBack } from './lane/rewind.js';
import type { Checkpoints, StoredCursor } from './types/stored.js';

type Cursors = ReadonlyMap<string, StoredCursor>;

export interface Restart {
  readonly former: Journey;
  /** Some of the present cursors as they are to be from now on, none of them further on. */
  readonly change: (cursors: Cursors) => Promise<Cursors>;
  readonly checkpoints: Checkpoints;
  /** Makes the new lane, of the cursors as they are at that moment, and puts it in the former one's place. */
  readonly replace: (cursors: () => Cursors) => Promise<Journey>;
}

/**
 * Ends a lane and makes the one that takes over with cursors moved back. They are on the disk, or could not be written, when it resolves; then the new lane
 * may run. Until it is there the old one goes on to tell the file table which files it still needs.
 */
export async function restartLane({ former, change, checkpoints, replace }: Restart): Promise<Journey> {
  // Nothing may be under way: an answer that came later would move a cursor on again.
  await endJourneys([former], replacedGraceMs);
  const { lane, name } = former.running;
  const before = lane.storedCursors();
  const changed = await change(before);
  await former.running[Symbol.asyncDispose]();
  const journey = await replace(() => {
    const now = lane.handOver();
    // A file that was given up meanwhile is given up.
    for (const [fileId, cursor] of changed)
      if (now.get(fileId)?.offset === before.get(fileId)?.offset) now.set(fileId, cursor);
    return now;
  });
  const { rewound } = journey.running.lane;
  for (const [fileId, cursor] of changed) {
    const was = before.get(fileId);
    if (was === undefined || journey.running.lane.position(fileId)?.offset !== cursor.offset) continue;
    const part = takenBack(was.ledger, was.offset - cursor.offset);
    rewound.delivered += part.delivered;
    rewound.deadLettered += part.deadLettered;
    rewound.leftOut += part.leftOut;
    rewound.dropped += part.dropped;
    checkpoints.putCursor(name, fileId, cursor);
  }
  await checkpoints.commit();
  return journey;
}
