/** What may be shown of a value: secrets never, credentials in URLs never, nothing that moves a terminal's cursor. */

export const masked = '****';

/**
 * A URL without its credentials and query (tokens live in both). Everything between `://` and the last `@` goes, so that a password with
 * an unescaped `/` or `?` goes as a whole; a path that holds an `@` is masked too much rather than too little.
 */
export function maskUrl(url: string): string {
  const scheme = url.indexOf('://');
  const start = scheme === -1 ? 0 : scheme + 3;
  const at = url.lastIndexOf('@');
  const shown = at < start ? url : `${url.slice(0, start)}${masked}${url.slice(at)}`;
  const query = shown.indexOf('?');
  return query === -1 ? shown : `${shown.slice(0, query)}?${masked}`;
}

/**
 * Text in which every word that looks like a URL, or like `user:password@host` without a scheme, is masked; for values of settings that
 * are no URLs by their kind, and for what was meant to be one. Linear.
 */
export function maskText(text: string): string {
  return text.replace(/\S+/g, (word) => (looksLikeUrl(word) ? maskUrl(word) : word));
}

function looksLikeUrl(word: string): boolean {
  const colon = word.indexOf(':');
  return colon !== -1 && (word.includes('://') || word.lastIndexOf('@') > colon);
}

/** Control and format characters (escape sequences, line ends, direction marks) as `\u{…}`: a value can't forge lines of our output. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

const quotedMaxLength = 80;

/** A value as it appears in a message: quoted, masked, printable and short. */
export function quote(value: string): string {
  // Masked before it is cut: a cut could take away the `@` that shows where the credentials end.
  const shown = printable(maskText(value));
  return `"${shown.length > quotedMaxLength ? `${shown.slice(0, quotedMaxLength)}…` : shown}"`;
}
