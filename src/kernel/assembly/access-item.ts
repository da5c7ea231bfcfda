import { extraCount, isNumberPiece, pieceAt, pieceNumbers, pieceStatus, pieceTo, requestAt, requestTo } from './access';
import { copy, quote, space } from './bytes';

/** What is written before each piece, `,"url.original":`, before the extra fields, and before those of `dated-item.ts`: address and length. */
const names: usize = memory.data(96, 8);

/** Tells the kernel what stands before the value of a piece. */
export function setPieceName(piece: u32, at: usize, length: usize): void {
  store<u32>(names + (piece << 3), <u32>at);
  store<u32>(names + (piece << 3), <u32>length, 4);
}

export function writeName(piece: u32, at: usize): usize {
  return copy(load<u32>(names + (piece << 3)), load<u32>(names + (piece << 3), 4), at);
}

export function writeQuoted(from: usize, to: usize, at: usize): usize {
  store<u8>(at, quote);
  const end = copy(from, to - from, at + 1);
  store<u8>(end, quote);
  return end + 1;
}

/** The request and its status: what the message of an access line is, without its quotes. */
export function writeAccessMessage(at: usize): usize {
  at = copy(requestAt, requestTo - requestAt, at);
  store<u8>(at, space);
  return copy(pieceAt(pieceStatus), 3, at + 1);
}

const openBracket: u32 = 0x5b;
const closeBracket: u32 = 0x5d;
const comma: u32 = 0x2c;

/** The members of the access line that was read last, each behind a comma. It needs no more room than twice the line, and 8 bytes and a name for each. */
export function writeAccessMembers(at: usize): usize {
  const extras = pieceNumbers - 1;
  for (let piece: u32 = 0; piece < extras; piece++) {
    const from = pieceAt(piece);
    const to = pieceTo(piece);
    if (from == to) continue;
    at = writeName(piece, at);
    at = isNumberPiece(piece) ? copy(from, to - from, at) : writeQuoted(from, to, at);
  }
  if (extraCount == 0) return at;
  at = writeName(extras, at);
  let before = openBracket;
  for (let extra: u32 = 0; extra < extraCount; extra++) {
    store<u8>(at, before);
    at = writeQuoted(pieceAt(extras + extra), pieceTo(extras + extra), at + 1);
    before = comma;
  }
  store<u8>(at, closeBracket);
  return at + 1;
}
