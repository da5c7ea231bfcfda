/**
 * Bytes that an ASCII byte takes inside a JSON string, as `JSON.stringify` writes it: 1 as it is, 2 for `\n` and the like, 6 for `\u001f`.
 * 0 for bytes of 0x80 and above: those are to be read as UTF-8 first (a valid sequence takes its own length, what is none 3 for U+FFFD).
 */
export const escapedSize: Uint8Array = new Uint8Array(256).map((_, byte) =>
  byte < 0x80 ? JSON.stringify(String.fromCharCode(byte)).length - 2 : 0,
);
