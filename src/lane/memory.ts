import { heapArena } from '../kernel/arena.js';
import type { DocumentWriter } from '../kernel/document.js';
import { writeItem } from '../kernel/item.js';
import { Kernel, type Names } from '../kernel/kernel.js';
import { Slot, slotBytes } from '../kernel/slot.js';
import type { BatchWriter, ItemLayout, Limits } from '../types/batch.js';
import { turnBytes } from '../types/lane-size.js';
import type { LogRecord } from '../types/record.js';
import { BytePath } from './byte-path.js';
import { batchBytes, LaneBatch } from './lane-batch.js';
import { ReadArea } from './read-area.js';

export interface LaneMemoryOptions {
  readonly item: ItemLayout;
  readonly document: DocumentWriter;
  /** Names that mean something in a line, apart from the agent's own. */
  readonly names: Omit<Names, 'agent'>;
  readonly limits: Limits;
  readonly maxLineBytes: number;
  /** Bytes of one slot. */
  readonly slotBytes: number;
  /** Requests under way at once. */
  readonly inFlight: number;
}

/**
 * All the memory that a lane works in, allocated here and never again, as one piece where the kernel runs:
 *
 *     read area       one turn or the longest line, whichever is more, and 272 bytes
 *     batches         one for each request in flight and one to fill: a slot, and 45 bytes for each record it may hold
 *     fallback slot   for the plain forms of refused records
 *     kernel          its tables, 64 KiB of plans, and the longest line once more to unpack it
 *
 * The system gives pages only as they are touched. `laneSize` is the most that it can be; the configuration holds it against the cgroup's limit.
 */
export class LaneMemory {
  readonly area: ReadArea;
  readonly batches: LaneBatch[];
  readonly fallback: Slot;
  /** Undefined where WebAssembly is refused: then all lines become objects. */
  readonly bytePath: BytePath | undefined;
  readonly encode: (record: LogRecord, body: BatchWriter) => void;

  constructor({ item, document, names, limits, maxLineBytes, slotBytes: bytes, inFlight }: LaneMemoryOptions) {
    const slot = { bytes, records: limits.batchRecords };
    const wanted = ReadArea.size(turnBytes, maxLineBytes) + (inFlight + 1) * batchBytes(slot) + slotBytes(slot);
    const kernel = Kernel.create(wanted, maxLineBytes, { ...names, agent: document.names });
    const arena = kernel?.arena ?? heapArena;
    const makeSlot = (): Slot => new Slot({ ...slot, document, arena });
    this.area = new ReadArea(turnBytes, maxLineBytes, arena);
    this.batches = Array.from({ length: inFlight + 1 }, () => new LaneBatch(makeSlot(), slot.records, arena));
    this.fallback = makeSlot();
    this.bytePath = kernel && new BytePath({ kernel, layout: item, document, limits, maxLineBytes });
    this.encode = (record, body) => writeItem(item, record, body);
  }
}
