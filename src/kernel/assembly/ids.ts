import { quote } from './bytes';
import { meansHasSpan, meansHasTrace, meansSpan, meansTrace } from './names';

/**
 * Ids of a trace and a span among the members of a line: which of them get the ECS names. As `src/formats/members/trace-ids.ts`, but for ids with escapes
 * and such of other forms than 16 or 32 hexadecimal digits, which are for the object path.
 */
const none: u32 = 0xff;
let traceMember: u32 = none;
let spanMember: u32 = none;
let traceRank: u32 = none;
let spanRank: u32 = none;
let seats: u32 = 0;

const longId: usize = 32;
const shortId: usize = 16;
const uuid: usize = 36;

/** Before the first member of a line. */
export function beginIds(): void {
  traceMember = none;
  spanMember = none;
  traceRank = none;
  spanRank = none;
  seats = 0;
}

/** Looks at the value [at, to) of a member whose name says something of ids. False: it is not for the kernel. */
export function noteId(member: u32, meaning: u32, rank: u32, at: usize, to: usize, hasEscape: bool): bool {
  seats |= meaning;
  if ((meaning & (meansTrace | meansSpan)) == 0 || load<u8>(at) != quote) return true;
  const length = to - at - 2;
  if (hasEscape || length == uuid) return false;
  if ((length != shortId && length != longId) || !isId(at + 1, to - 1)) return true;
  if ((meaning & meansTrace) != 0 && rank < traceRank) {
    traceRank = rank;
    traceMember = member;
  }
  if ((meaning & meansSpan) != 0 && rank < spanRank) {
    spanRank = rank;
    spanMember = member;
  }
  return true;
}

/** Hexadecimal digits, not all of them zero: that says that there is no trace. */
function isId(at: usize, to: usize): bool {
  let other = false;
  for (; at < to; at++) {
    const byte: u32 = load<u8>(at);
    if (byte - 0x30 >= 10 && (byte | 0x20) - 0x61 >= 6) return false;
    if (byte != 0x30) other = true;
  }
  return other;
}

/** The member that becomes `trace.id`, or one of 128 and above: there is none, or the line has that name itself. */
export function traceIdMember(): u32 {
  return (seats & meansHasTrace) != 0 ? none : traceMember;
}
export function spanIdMember(): u32 {
  return (seats & meansHasSpan) != 0 ? none : spanMember;
}

/** The names with their quotes, and one byte each that is no colon. */
export const traceIdName: usize = memory.data<u8>([
  0x22, 0x74, 0x72, 0x61, 0x63, 0x65, 0x2e, 0x69, 0x64, 0x22, 0, 0, 0, 0, 0, 0,
]);
export const traceIdNameEnd: usize = traceIdName + 9;
export const spanIdName: usize = memory.data<u8>([
  0x22, 0x73, 0x70, 0x61, 0x6e, 0x2e, 0x69, 0x64, 0x22, 0, 0, 0, 0, 0, 0, 0,
]);
export const spanIdNameEnd: usize = spanIdName + 8;
