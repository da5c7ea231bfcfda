/** What PANNIER_SAMPLE says. */
export interface SampleRate {
  /** Share of the records that pass, above 0 and at most 1. */
  readonly share: number;
  /** Records with the same value of this field pass or don't pass together; undefined: each by itself. */
  readonly key: string | undefined;
  /** Errors and worse are sampled too. */
  readonly includingErrors: boolean;
}

/** What PANNIER_THROTTLE says. */
export interface ThrottleRate {
  readonly records: number;
  readonly perMs: number;
  /** Field whose values are counted each for itself; undefined: each file. */
  readonly key: string | undefined;
}

type Read<T> = { readonly value: T } | { readonly problem: string };

const sampleForm = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)(?:\s+by\s+(\S+))?(\s+including\s+errors)?$/;
const throttleForm = /^(\d+)\s*\/\s*(s|m|h)(?:\s+by\s+(\S+))?$/;

/** `0.1`, `10%`, `10% by trace.id`, `10% including errors`. */
export function readSample(text: string): Read<SampleRate> {
  const match = sampleForm.exec(text.trim());
  if (match === null) return { problem: 'is no share: write 0.1, 10%, 10% by trace.id or 10% including errors' };
  const share = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (share <= 0 || share > 1) return { problem: 'is no share: it is to be above 0 and at most 1, or 100%' };
  return { value: { share, key: match[3], includingErrors: match[4] !== undefined } };
}

/** `100/s`, `100/s by level`; also `/m` and `/h`. */
export function readThrottle(text: string): Read<ThrottleRate> {
  const match = throttleForm.exec(text.trim());
  const records = Number(match?.[1]);
  if (match === null || records < 1 || !Number.isSafeInteger(records))
    return { problem: 'is no rate: write 100/s, 1000/m or 100/s by level' };
  return { value: { records, perMs: unitMs[match[2] as 's' | 'm' | 'h'], key: match[3] } };
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

const flawOf = (read: Read<unknown>): string | undefined => ('problem' in read ? read.problem : undefined);
export const sampleFlaw = (text: string): string | undefined => flawOf(readSample(text));
export const throttleFlaw = (text: string): string | undefined => flawOf(readThrottle(text));
