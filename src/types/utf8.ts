/**
 * What begins at `bytes[at]`, for `at < to`: n > 0 is a valid UTF-8 sequence of n bytes; -n is n bytes that belong together and are none, to be
 * replaced by one U+FFFD. Source of the rule: WHATWG Encoding, "UTF-8 decoder" (the maximal subpart of Unicode, section 3.9).
 * A sequence that `to` cuts off counts as none.
 */
export function sequenceAt(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // Only the second byte has a range of its own: against overlong forms, surrogates and what is above U+10FFFF.
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let n = 1; n < length; n++) {
    if (at + n >= to) return -n;
    const next = bytes[at + n]!;
    if (next < low || next > high) return -n;
    low = 0x80;
    high = 0xbf;
  }
  return length;
}
