const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text on one line, for a terminal: whatever would move its cursor, change its colours or turn the direction is shown as its number. */
export function escaped(text: string, longest = Infinity): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replaceAll(hostile, (character) => {
    const code = character.codePointAt(0)!;
    return { 9: '\\t', 10: '\\n', 13: '\\r' }[code] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`);
  });
}

/** JSON with the same characters as JSON's own escapes: still the same JSON. */
export const escapedJson = (json: string): string =>
  json.replaceAll(hostile, (character) =>
    Array.from({ length: character.length }, (_, unit) => `\\u${hex(character.charCodeAt(unit), 4)}`).join(''),
  );

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
