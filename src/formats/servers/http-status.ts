import type { Level } from '../../types/record.js';

/** The level of a request that was answered with this status: 5xx is the server's error, 4xx the client's, all else (also none, `-`) is no trouble. */
export function levelOfStatus(status: string): Level {
  const first = status.charCodeAt(0);
  if (status.length !== 3) return 'info';
  return first === 0x35 ? 'error' : first === 0x34 ? 'warn' : 'info';
}

/** Three digits, or `-` where there was no answer. */
export function isStatus(text: string): boolean {
  if (text === '-') return true;
  return text.length === 3 && isDigit(text, 0) && isDigit(text, 1) && isDigit(text, 2);
}

const isDigit = (text: string, at: number): boolean => text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39;
