import type { Log } from '../types/log.js';
import type { Reason, VolumeFigures } from '../types/stats.js';
import type { FileSystem } from './file-system.js';

/** What a volume holds and could hold. Where the file system counts no inodes (btrfs), both figures are 0. */
export interface Volume extends VolumeFigures {
  /** What a person knows it by. */
  readonly name: string;
}

/** The kubelet evicts at a tenth of its disk by default; on a large disk a tenth is no trouble of ours. */
const leastFreeShare = 0.1;
const mostFreeNeeded = 1024 ** 3;
/** Inodes end abruptly, and small files take them: the kubelet's own limit is 5 %. */
const leastFreeInodes = 0.05;
/** A limit that the pod was given is not shared with others: reaching it means eviction. */
const mostOfLimit = 0.85;
/** What was said is taken back only when there is this much more room, so that it does not flap. */
const slack = 1.2;

/**
 * Looks at the room on the log volumes with each scan, and says so once before one is full: then the application could not write any more.
 * Its figures are those of the tightest volume, as a path is no label.
 */
export class VolumeWatch {
  #volumes: readonly Volume[] = [];
  readonly #filling = new Set<string>();

  constructor(
    private readonly fs: Pick<FileSystem, 'volume'>,
    private readonly log: Log,
  ) {}

  /** `limit`: PANNIER_VOLUME_LIMIT; `used`: bytes of the files below the roots, held deleted ones included. */
  look(roots: readonly string[], limit: number | undefined, used: number): void {
    const found = roots.flatMap((root) => {
      const volume = this.fs.volume(root);
      return volume === undefined ? [] : [{ name: root, ...volume }];
    });
    const limited = { name: 'PANNIER_VOLUME_LIMIT', inodes: 0, freeInodes: 0 };
    if (limit !== undefined) found.push({ ...limited, bytes: limit, freeBytes: Math.max(0, limit - used) });
    this.#volumes = found;
    for (const volume of found) {
      const said = this.#filling.has(volume.name);
      if (!isFilling(volume, limit, said ? slack : 1)) this.#filling.delete(volume.name);
      else if (!said) {
        this.#filling.add(volume.name);
        this.log.warn({ code: 'VOLUME_FILLING', volume: volume.name, ...figuresOf(volume) }, textOf(volume));
      }
    }
  }

  /** The tightest volume; undefined where nothing can be told. */
  get tightest(): VolumeFigures | undefined {
    const share = ({ bytes, freeBytes }: Volume): number => (bytes > 0 ? freeBytes / bytes : 1);
    const [first] = [...this.#volumes].sort((a, b) => share(a) - share(b));
    return first === undefined ? undefined : figuresOf(first);
  }

  get reasons(): Reason[] {
    return this.#volumes
      .filter(({ name }) => this.#filling.has(name))
      .map((volume) => ({
        code: 'VOLUME_FILLING',
        output: '',
        message: textOf(volume),
        action:
          'rotate sooner, keep fewer old files, set PANNIER_DELETE_SHIPPED=rotated, or enlarge the volume: when it is full the application can not write',
      }));
  }
}

/** Pure. `factor` above 1 asks for more room. */
export function isFilling(volume: Volume, limit: number | undefined, factor: number): boolean {
  const { bytes, freeBytes, inodes, freeInodes } = volume;
  if (inodes > 0 && freeInodes < inodes * leastFreeInodes * factor) return true;
  const least =
    volume.bytes === limit && volume.name === 'PANNIER_VOLUME_LIMIT'
      ? bytes * (1 - mostOfLimit)
      : Math.min(bytes * leastFreeShare, mostFreeNeeded);
  return freeBytes < least * factor;
}

const figuresOf = ({ bytes, freeBytes, inodes, freeInodes }: Volume): VolumeFigures => ({
  bytes,
  freeBytes,
  inodes,
  freeInodes,
});

function textOf({ name, bytes, freeBytes, inodes, freeInodes }: Volume): string {
  if (inodes > 0 && freeInodes < inodes * leastFreeInodes * slack)
    return `the log volume is about to run out of inodes: ${freeInodes} of ${inodes} are left at ${name}`;
  const rest = `${Math.floor(freeBytes / 1024 ** 2)} of ${Math.floor(bytes / 1024 ** 2)} MiB are left`;
  return name === 'PANNIER_VOLUME_LIMIT'
    ? `the log files come near PANNIER_VOLUME_LIMIT: ${rest}`
    : `the log volume is about to be full: ${rest} at ${name}`;
}
