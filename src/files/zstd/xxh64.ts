const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));
const round = (sum: bigint, lane: bigint): bigint => u64(rotate(u64(sum + u64(lane * prime2)), 31n) * prime1);
const merge = (sum: bigint, lane: bigint): bigint => u64((sum ^ round(0n, lane)) * prime1 + prime4);

/**
 * XXH64 with seed 0, of bytes that come in pieces: the checksum at the end of a zstd frame is its low half. Source: xxHash fast digest algorithm,
 * section "XXH64 algorithm description"; RFC 8878, 3.1.1.
 */
export class Xxh64 {
  private sums: [bigint, bigint, bigint, bigint] = [u64(prime1 + prime2), prime2, 0n, u64(-prime1)];
  private readonly stripe = new Uint8Array(32);
  private inStripe = 0;
  private length = 0;

  add(bytes: Uint8Array): void {
    this.length += bytes.length;
    let at = 0;
    if (this.inStripe > 0) {
      at = Math.min(32 - this.inStripe, bytes.length);
      this.stripe.set(bytes.subarray(0, at), this.inStripe);
      this.inStripe += at;
      if (this.inStripe < 32) return;
      this.take(this.stripe, 32);
    }
    const whole = bytes.length - ((bytes.length - at) % 32);
    if (whole > at) this.take(bytes.subarray(at, whole), whole - at);
    this.stripe.set(bytes.subarray(whole));
    this.inStripe = bytes.length - whole;
  }

  /** The low 32 bits of the digest of all bytes so far. */
  low32(): number {
    const [a, b, c, d] = this.sums;
    let sum = prime5;
    if (this.length >= 32) {
      sum = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
      for (const lane of [a, b, c, d]) sum = merge(sum, lane);
    }
    sum = u64(sum + BigInt(this.length));
    const view = new DataView(this.stripe.buffer);
    let at = 0;
    for (; at + 8 <= this.inStripe; at += 8)
      sum = u64(rotate(sum ^ round(0n, view.getBigUint64(at, true)), 27n) * prime1 + prime4);
    if (at + 4 <= this.inStripe) {
      sum = u64(rotate(u64(sum ^ u64(BigInt(view.getUint32(at, true)) * prime1)), 23n) * prime2 + prime3);
      at += 4;
    }
    for (; at < this.inStripe; at += 1) sum = u64(rotate(sum ^ u64(BigInt(view.getUint8(at)) * prime5), 11n) * prime1);
    sum = u64((sum ^ (sum >> 33n)) * prime2);
    sum = u64((sum ^ (sum >> 29n)) * prime3);
    return Number(BigInt.asUintN(32, sum ^ (sum >> 32n)));
  }

  /** Whole stripes of 32 bytes. */
  private take(bytes: Uint8Array, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    let [a, b, c, d] = this.sums;
    for (let at = 0; at < length; at += 32) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    this.sums = [a, b, c, d];
  }
}
