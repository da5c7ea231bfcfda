import { digitsEnd, type LineHead } from '../line-head.js';
import { asking, type Rule } from '../rule.js';

/** A line of equal signs, behind which a report may come. */
const bar = 1;
/** Within a report of AddressSanitizer, LeakSanitizer or MemorySanitizer, until its process number says that it is over. */
const report = 2;
/** Within a report that a second line of equal signs ends (ThreadSanitizer, Go's race detector). */
const barred = 3;
const end = 4;

/**
 * Reports of the sanitizers of C++, Rust and Go. Of their many headings only the first and the last are known; what is between belongs to them.
 *
 *     =================================================================
 *     ==4242==ERROR: AddressSanitizer: heap-use-after-free on address 0x60
 *     READ of size 4 at 0x60 thread T0
 *         #0 0x4c in main /app/a.cpp:5
 *
 *     SUMMARY: AddressSanitizer: heap-use-after-free /app/a.cpp:5 in main
 *     ==4242==ABORTING
 */
export const cpp: Rule = {
  triggers: ['==', 'WARNING: ThreadSanitizer', 'WARNING: DATA RACE'],
  begins(line) {
    if (line.indent > 0) return 0;
    if (isBar(line.text)) return bar;
    if (line.text.startsWith('WARNING: ')) return barred;
    return isReport(line) ? report : 0;
  },
  stands: () => true,
  goesOn(state, line, blanks) {
    if (state === end)
      return line.starts('SUMMARY: ') || line.starts('Found ') || line.starts('exit status ') ? end : 0;
    if (state === bar && blanks > 0) return 0;
    if (state === bar) return line.starts('WARNING: ') ? barred : isReport(line) ? report : 0;
    if (state === barred) return isBar(line.text) ? end : asking;
    // LeakSanitizer has no last line but its summary.
    if (line.starts('SUMMARY: LeakSanitizer') || line.starts('SUMMARY: AddressSanitizer: ') && line.ends(' allocation(s).')) return end; // prettier-ignore
    return line.ends('==ABORTING') ? end : asking;
  },
};

/** `==4242==ERROR: AddressSanitizer: …`. */
function isReport(line: LineHead): boolean {
  if (!line.starts('==')) return false;
  const number = digitsEnd(line.text, 2);
  return number > 2 && line.text.startsWith('==', number) && line.text.includes('Sanitizer');
}

function isBar(text: string): boolean {
  if (text.length < 10) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== 0x3d) return false;
  return true;
}
