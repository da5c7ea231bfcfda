import { backslash, colon, dot, isDigit, quote, space } from './bytes';
import { readServerTime } from './time';

/**
 * Lines of an access log, those that are surely of this form, all of it ASCII without escapes and each blank a single one:
 *
 *     address " - " user " [" time "] \"" method " " target " HTTP/" version "\" " status " " bytes [" \"" referrer "\" \"" agent "\""] *(" " extra)
 *
 * Any other line is for the object path: `src/formats/access.ts`, which knows many more. A line end lies behind the line; as it belongs to no
 * piece, nothing else looks for the end.
 */

/** The pieces of a line, as `accessKeys` in `src/formats/servers/access-keys.ts` orders them: 8 bytes each, address and end. One of no bytes is not there. */
const pieceClient: u32 = 0;
const pieceUser: u32 = 1;
const pieceMethod: u32 = 2;
const pieceTarget: u32 = 3;
const pieceVersion: u32 = 4;
export const pieceStatus: u32 = 5;
const pieceBytes: u32 = 6;
const pieceReferrer: u32 = 7;
const pieceAgent: u32 = 8;
/** As many as there are follow. */
const pieceExtra: u32 = 9;
const mostExtras: u32 = 16;
const pieces: usize = memory.data(200, 8);

export const pieceNumbers: u32 = 10;
export function isNumberPiece(piece: u32): bool {
  return piece == pieceStatus || piece == pieceBytes;
}
export function pieceAt(piece: u32): usize {
  return load<u32>(pieces + (piece << 3));
}
export function pieceTo(piece: u32): usize {
  return load<u32>(pieces + (piece << 3), 4);
}

export let extraCount: u32 = 0;
/** The request as it was written, from its method to its version. */
export let requestAt: usize = 0;
export let requestTo: usize = 0;
/** What the status says: the number of a level, from 1. */
export let accessLevel: u32 = 0;
const levelInfo: u32 = 3;
const levelWarn: u32 = 4;
const levelError: u32 = 5;

function setPiece(piece: u32, at: usize, to: usize): void {
  // `-` stands for what is not there.
  if (to == at + 1 && load<u8>(at) == dash) to = at;
  store<u32>(pieces + (piece << 3), <u32>at);
  store<u32>(pieces + (piece << 3), <u32>to, 4);
}

const dash: u32 = 0x2d;
const slash: u32 = 0x2f;
const longestAddress: usize = 45;
const longestUser: usize = 64;
const longestMethod: usize = 16;
const longestBytes: usize = 15;
/** ` - ` and ` HTTP/`. */
const noIdent: u32 = 0x202d20;
const protocol: u64 = 0x2f5054544820;
const timeBytes: usize = 26;

/** Reads the line [at, to). False: it is for the object path. */
export function readAccess(at: usize, to: usize): bool {
  const clientEnd = passAddress(at);
  if (clientEnd == 0 || (load<u32>(clientEnd) & 0xffffff) != noIdent) return false;
  setPiece(pieceClient, at, clientEnd);
  const user = clientEnd + 3;
  const userEnd = passUser(user);
  if (userEnd == 0 || load<u16>(userEnd) != 0x5b20) return false;
  setPiece(pieceUser, user, userEnd);
  const time = userEnd + 2;
  if (to - time < timeBytes + 8 || (load<u32>(time + timeBytes) & 0xffffff) != 0x22205d) return false;
  requestAt = time + timeBytes + 3;
  requestTo = passClean(requestAt);
  if (load<u16>(requestTo) != 0x2022 || !readRequest(requestAt, requestTo)) return false;
  at = readAnswer(requestTo + 2, to);
  if (at == 0) return false;
  at = readAgent(at, to);
  if (at == 0 || !readExtras(at, to)) return false;
  return readServerTime(time);
}

/** Address of the first quote, backslash, or byte that is not printable ASCII. */
function passClean(at: usize): usize {
  const quotes = i8x16.splat(<i8>quote);
  const slashes = i8x16.splat(<i8>backslash);
  const spaces = i8x16.splat(0x20);
  while (true) {
    const bytes = v128.load(at);
    // Signed: control characters and all bytes from 0x80 on are less than a blank.
    const special = v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, slashes)), i8x16.lt_s(bytes, spaces));
    const mask: u32 = i8x16.bitmask(special);
    if (mask != 0) return at + <usize>ctz(mask);
    at += 16;
  }
}

/** Passes an IPv4 address, or an IPv6 address of digits, letters and colons; 0: it is neither. */
function passAddress(from: usize): usize {
  let at = from;
  let dots: u32 = 0;
  let colons: u32 = 0;
  let letters: u32 = 0;
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte == dot) dots++;
    else if (byte == colon) colons++;
    else if ((byte | 0x20) - 0x61 < 6) letters++;
    else if (!isDigit(byte)) break;
    at++;
  }
  if (at - from > longestAddress) return 0;
  if (colons >= 2) return dots == 0 ? at : 0;
  return dots == 3 && colons + letters == 0 && at - from >= 7 && isDigit(load<u8>(from)) ? at : 0;
}

/** Passes letters, digits and `_ . - @`; 0: there is none, or too much. */
function passUser(from: usize): usize {
  let at = from;
  while (true) {
    const byte: u32 = load<u8>(at);
    const isLetter = (byte | 0x20) - 0x61 < 26;
    if (!isLetter && !isDigit(byte) && byte != 0x5f && byte != dot && byte != dash && byte != 0x40) break;
    at++;
  }
  return at == from || at - from > longestUser ? 0 : at;
}

/** Method, target and version of a request, which is clean. */
function readRequest(at: usize, to: usize): bool {
  const method = at;
  while (<u32>load<u8>(at) - 0x41 < 26) at++;
  if (at == method || at - method > longestMethod || load<u8>(at) != space) return false;
  setPiece(pieceMethod, method, at);
  // Of `HTTP/1.1` or `HTTP/2`.
  const version = load<u8>(to - 2) == slash ? to - 1 : to - 3;
  const target = at + 1;
  if (version < target + 7 || (load<u64>(version - 6) & 0xffffffffffff) != protocol) return false;
  if (!isDigit(load<u8>(version)) || !isDigit(load<u8>(to - 1)) || (version + 1 != to && load<u8>(version + 1) != dot))
    return false;
  setPiece(pieceTarget, target, version - 6);
  setPiece(pieceVersion, version, to);
  return true;
}

/** Status and bytes; the address behind them, or 0. */
function readAnswer(at: usize, to: usize): usize {
  const first = <u32>load<u8>(at) - 0x30;
  if (first - 1 > 8 || !isDigit(load<u8>(at + 1)) || !isDigit(load<u8>(at + 2)) || load<u8>(at + 3) != space) return 0;
  setPiece(pieceStatus, at, at + 3);
  accessLevel = first == 5 ? levelError : first == 4 ? levelWarn : levelInfo;
  const bytes = at + 4;
  at = bytes;
  while (isDigit(load<u8>(at))) at++;
  if (at == bytes) {
    if (load<u8>(at) != dash) return 0;
    at++;
  } else if (at - bytes > longestBytes || (load<u8>(bytes) == 0x30 && at > bytes + 1)) return 0;
  if (at < to && load<u8>(at) != space) return 0;
  setPiece(pieceBytes, bytes, at);
  return at;
}

/** Referrer and agent, where there is a quote; the address behind them, or 0. */
function readAgent(at: usize, to: usize): usize {
  if (at == to || load<u8>(at + 1) != quote) {
    setPiece(pieceReferrer, at, at);
    setPiece(pieceAgent, at, at);
    return at;
  }
  const referrer = at + 2;
  const referrerEnd = passClean(referrer);
  if ((load<u32>(referrerEnd) & 0xffffff) != 0x222022) return 0;
  setPiece(pieceReferrer, referrer, referrerEnd);
  const agent = referrerEnd + 3;
  const agentEnd = passClean(agent);
  if (load<u8>(agentEnd) != quote) return 0;
  setPiece(pieceAgent, agent, agentEnd);
  return agentEnd + 1;
}

/** What is behind, each token or quoted text with a blank before it. */
function readExtras(at: usize, to: usize): bool {
  extraCount = 0;
  while (at < to) {
    if (load<u8>(at) != space || extraCount == mostExtras) return false;
    at++;
    let from = at;
    if (load<u8>(at) == quote) {
      from = at + 1;
      at = passClean(from);
      if (load<u8>(at) != quote) return false;
      setExtra(from, at);
      at++;
    } else {
      while (<u32>load<u8>(at) - 0x21 < 0x5e && load<u8>(at) != quote && load<u8>(at) != backslash) at++;
      if (at == from) return false;
      setExtra(from, at);
    }
  }
  return at == to;
}

/** Here `-` is a text like others. */
function setExtra(at: usize, to: usize): void {
  const place = pieces + ((pieceExtra + extraCount) << 3);
  store<u32>(place, <u32>at);
  store<u32>(place, <u32>to, 4);
  extraCount++;
}
