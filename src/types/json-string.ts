/**
 * `JSON.stringify` of a text, but with U+FFFD for lone surrogates: it writes those as escapes, which are no text and make strict parsers refuse the
 * document. Two names that differ only in them become one.
 */
export function jsonString(text: string): string {
  const json = JSON.stringify(text);
  // Only lone surrogates are escaped this way; the text itself may contain these characters too, which costs no more than a second look.
  return json.includes('\\ud') ? JSON.stringify(text.replace(loneSurrogates, '\ufffd')) : json;
}

/** With the flag `u` a pair is one character, so only lone ones match. */
const loneSurrogates = /\p{Surrogate}/gu;
