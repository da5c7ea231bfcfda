/**
 * Text for HTML content and quoted attributes. Paths and servers' words are not trusted: markup is escaped, and characters that a browser
 * would not show, or that turn the reading direction, become visible.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return `\\u{${code}}`;
    });
}

/** `1.5 GiB`; a short form for people. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}

/** `3 min`; a short form for people. */
export function humanSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 72 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
