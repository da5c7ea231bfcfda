import { nameEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

/** Frames are indented; the line after them that is not is the exception. */
const frames = 1;
const exception = 2;
/** Between two exceptions of a chain. */
const chain = 3;

/**
 * The traceback module: chained exceptions, syntax errors with their carets, exception groups. Notes and further lines of a message have
 * nothing that shows them: they belong to the group only within a chain, or behind a line of a text format.
 *
 *     Traceback (most recent call last):
 *       File "/app/x.py", line 2, in f
 *         int('x')
 *         ^^^^^^^^
 *     ValueError: invalid literal
 *
 *     During handling of the above exception, another exception occurred:
 *
 *     Traceback (most recent call last):
 */
export const python: Rule = {
  triggers: ['Traceback (most recent call last)', '+ Exception Group Traceback', 'File "'],
  followers: ['During handling of the above exception', 'The above exception was the direct cause'],
  begins: (line) => (isHead(line) || isPlace(line) ? frames : 0),
  heads: (line) => isHead(line) || isPlace(line),
  goesOn(state, line, blanks) {
    if (isChain(line)) return chain;
    if (isHead(line)) return state === chain ? frames : 0;
    if (state === exception && isPlace(line)) return 0;
    if (line.indent > 0) return blanks === 0 || state === frames ? state : 0;
    if (blanks > 0) return 0;
    // A note, or another line of the message: a chain that goes on shows that it is.
    if (state !== frames) return waiting;
    return isException(line.text) ? exception : 0;
  },
};

const isHead = (line: LineHead): boolean =>
  line.starts('Traceback (most recent call last)') || line.starts('+ Exception Group Traceback');

/** A syntax error has no head, only the place. */
const isPlace = (line: LineHead): boolean => line.indent > 0 && line.starts('File "');

const isChain = (line: LineHead): boolean =>
  line.starts('During handling of the above exception') || line.starts('The above exception was the direct cause');

/** `KeyError: 'x'`, `pkg.errors.MyError`: a name, alone or before a colon. */
function isException(text: string): boolean {
  const end = nameEnd(text, 0);
  return end > 0 && (end === text.length || text.charCodeAt(end) === 0x3a);
}
