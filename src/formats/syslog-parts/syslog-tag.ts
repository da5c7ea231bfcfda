import { blank, colon, openBracket } from '../characters.js';

/** The name of a program before its message, with its process id. */
export interface Tag {
  readonly app: string;
  readonly pid: string;
  /** Place of the message. */
  readonly messageAt: number;
}

const longestTag = 128;

/**
 * Reads `app[123]: `, `app: `, `app[123] ` at `from`. A colon within a name belongs to it. Undefined when no tag is there.
 */
export function readTag(line: string, from: number): Tag | undefined {
  const end = Math.min(line.length, from + longestTag);
  for (let at = from; at < end; at++) {
    const code = line.charCodeAt(at);
    if (code === blank) return undefined;
    if (code === colon && (at + 1 === line.length || isGap(line.charCodeAt(at + 1))))
      return at === from ? undefined : { app: line.slice(from, at), pid: '', messageAt: behind(line, at + 1) };
    if (code !== openBracket) continue;
    const close = line.indexOf(']', at);
    if (at === from || close === -1 || close > at + longestPid || line.lastIndexOf(' ', close) > at) return undefined;
    const next = line.charCodeAt(close + 1);
    if (next !== colon && !isGap(next) && close + 1 !== line.length) return undefined;
    const messageAt = behind(line, next === colon ? close + 2 : close + 1);
    return { app: line.slice(from, at), pid: line.slice(at + 1, close), messageAt };
  }
  return undefined;
}

const longestPid = 32;

const isGap = (code: number): boolean => code === blank || code === 0x09 || code === 0x0a;

/** One blank belongs to the tag; more are the message's. */
const behind = (line: string, at: number): number => (line.charCodeAt(at) === blank ? at + 1 : at);
