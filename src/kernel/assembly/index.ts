import { carriageReturn, findLineFeed, isWhiteSpace, prepareDigits } from './bytes';
import { lineTextBytes, writeItem } from './item';
import {
  atWord,
  baseDouble,
  blanksWord,
  contentWord,
  countWord,
  endsWord,
  fallbackTimeDouble,
  fromTimeDouble,
  joinsWord,
  lastTimeDouble,
  lineWeightDouble,
  maxCountWord,
  maxLineWord,
  maxSpanDouble,
  maxWeightDouble,
  maxWeightSumDouble,
  newestDouble,
  offsetsWord,
  oldestDouble,
  outEndWord,
  outWord,
  slotWord,
  startsWord,
  timesWord,
  toTimeDouble,
  toWord,
  weighsLineWord,
  weightsWord,
  weightSumDouble,
  wrappedBlanksWord,
  wrapperWord,
} from './job';
import { datedMessageAt } from './dated';
import { mayJoin } from './joins';
import {
  contentDated,
  contentGuessedText,
  hasTime,
  isDated,
  isText,
  lineAsk,
  lineBlank,
  lineFractionAt,
  lineFractionLength,
  lineRecord,
  lineTimeMs,
  readLine,
  stream,
  textAt,
  textTo,
} from './line';
import { prepareClasses } from './plain';
import { prepareEscapes } from './text';

export { setPieceName } from './access-item';
export { jobAddress } from './job';
export { addTrigger } from './joins';
export { addKey, addLevelStart, addWord } from './names';

/** Where the memory begins that the kernel does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}

/** Fills the tables; called once. */
export function prepare(): void {
  prepareDigits();
  prepareEscapes();
  prepareClasses();
}

/**
 * Turns the lines of the read area into items of the slot, as many as it can: until no whole line is left, or the next one is not for the kernel.
 * Then the block says how far it came. It leaves nothing half done: a line is an item, or blank, or as if it had not been looked at.
 *
 * Where lines may belong together, a line of text is held until the next one shows that it is a record by itself; when it does not, all is as it was
 * before the line that is held.
 */
export function run(): void {
  let at = <usize>load<u32>(atWord);
  const to = <usize>load<u32>(toWord);
  let out = <usize>load<u32>(outWord);
  const outEnd = <usize>load<u32>(outEndWord);
  let count = load<u32>(countWord);
  const maxCount = load<u32>(maxCountWord);
  const slot = <usize>load<u32>(slotWord);
  const offsets = <usize>load<u32>(offsetsWord);
  const weights = <usize>load<u32>(weightsWord);
  const times = <usize>load<u32>(timesWord);
  const starts = <usize>load<u32>(startsWord);
  const ends = <usize>load<u32>(endsWord);
  const maxLine = <usize>load<u32>(maxLineWord);
  const weighsLine = load<u32>(weighsLineWord) == 1;
  const base = load<f64>(baseDouble);
  let lastTime = load<f64>(lastTimeDouble);
  const fallbackTime = load<f64>(fallbackTimeDouble);
  let weightSum = load<f64>(weightSumDouble);
  const maxWeight = load<f64>(maxWeightDouble);
  const maxWeightSum = load<f64>(maxWeightSumDouble);
  const lineWeight = load<f64>(lineWeightDouble);
  let oldest = load<f64>(oldestDouble);
  let newest = load<f64>(newestDouble);
  const maxSpan = load<f64>(maxSpanDouble);
  const fromTime = load<f64>(fromTimeDouble);
  const toTime = load<f64>(toTimeDouble);
  let blanks: u32 = 0;
  let wrappedBlanks: u32 = 0;
  const joins = load<u32>(joinsWord) == 1;
  const asksFirst = load<u32>(contentWord) == contentGuessedText;
  // Behind a dated line only another one shows that it does not go on.
  const showsAtOnce = load<u32>(wrapperWord) == 0 && load<u32>(contentWord) != contentDated;
  let holds = false;
  let heldStream: u32 = 0;
  // As it was before the line that is held.
  let heldAt = at;
  let heldOut = out;
  let heldLastTime = lastTime;
  let heldWeightSum = weightSum;
  let heldOldest = oldest;
  let heldNewest = newest;

  while (true) {
    const feed = findLineFeed(at, to);
    if (feed == to) break;
    const next = feed + 1;
    const end = feed > at && load<u8>(feed - 1) == carriageReturn ? feed - 1 : feed;
    // A blank line may lie within a group.
    if (holds && showsAtOnce) {
      if (mayJoin(at, end)) break;
      holds = false;
    }
    if (end == at) {
      if (holds) break;
      blanks++;
      at = next;
      continue;
    }
    if (end - at > maxLine || load<u8>(at) == 0) break;
    // The first line of a file may be a header.
    if (asksFirst && base + <f64>at == 0) break;
    const read = readLine(at, end);
    if (read == lineAsk) break;
    const holdsThis = joins && read == lineRecord && (isText || isDated);
    if (holdsThis && mayJoin(isDated ? datedMessageAt : textAt, textTo)) break;
    if (holds) {
      if (!holdsThis || stream != heldStream) break;
      holds = false;
    }
    if (read == lineBlank) {
      blanks++;
      // A wrapper begins with no white space.
      if (!isWhiteSpace(load<u8>(at))) wrappedBlanks++;
      at = next;
      continue;
    }
    if (count >= maxCount) break;
    const time = hasTime ? lineTimeMs : isNaN(lastTime) ? fallbackTime : lastTime;
    if (!(time >= fromTime && time < toTime)) break;
    const older = count == 0 ? time : min(oldest, time);
    const newer = count == 0 ? time : max(newest, time);
    if (newer - older > maxSpan) break;
    const start = base + <f64>at;
    const finish = base + <f64>next;
    const itemEnd = writeItem(
      out,
      outEnd,
      start,
      finish,
      time,
      hasTime ? lineFractionAt : 0,
      hasTime ? lineFractionLength : 0,
    );
    if (itemEnd == 0) break;
    const weight = weighsLine ? <f64>lineTextBytes + lineWeight : <f64>(itemEnd - out);
    if (weight > maxWeight || (count > 0 && weightSum + weight > maxWeightSum)) break;
    if (holdsThis) {
      holds = true;
      heldStream = stream;
      heldAt = at;
      heldOut = out;
      heldLastTime = lastTime;
      heldWeightSum = weightSum;
      heldOldest = oldest;
      heldNewest = newest;
    }
    out = itemEnd;
    store<f64>(weights + ((<usize>count) << 3), weight);
    store<f64>(times + ((<usize>count) << 3), time);
    store<f64>(starts + ((<usize>count) << 3), start);
    store<f64>(ends + ((<usize>count) << 3), finish);
    count++;
    store<u32>(offsets + ((<usize>count) << 2), <u32>(out - slot));
    weightSum += weight;
    oldest = older;
    newest = newer;
    if (hasTime) lastTime = time;
    at = next;
  }

  if (holds) {
    at = heldAt;
    out = heldOut;
    count--;
    lastTime = heldLastTime;
    weightSum = heldWeightSum;
    oldest = heldOldest;
    newest = heldNewest;
  }

  store<u32>(atWord, <u32>at);
  store<u32>(outWord, <u32>out);
  store<u32>(countWord, count);
  store<u32>(blanksWord, blanks);
  store<u32>(wrappedBlanksWord, wrappedBlanks);
  store<f64>(lastTimeDouble, lastTime);
  store<f64>(weightSumDouble, weightSum);
  store<f64>(oldestDouble, oldest);
  store<f64>(newestDouble, newest);
}
