import { digitsEnd, nameEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

/** A message may have lines of its own, until the first `at`. */
const message = 1;
const frames = 2;
/** The place of an uncaught error: its source line and the caret follow. */
const place = 3;
const caret = 4;
const end = 5;

/**
 * V8's stacks as Node.js shows them: uncaught with the source line and a caret, with `[cause]`, `[errors]` and other properties in braces.
 *
 *     /app/server.js:3
 *     throw new TypeError('no');
 *     ^
 *
 *     TypeError: no
 *         at main (/app/server.js:3:9) {
 *       code: 'E_NO'
 *     }
 *
 *     Node.js v22.1.0
 */
export const node: Rule = {
  triggers: ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError', 'AggregateError', 'AssertionError', 'Uncaught ', 'DOMException', '/', 'file:///', 'node:', '[eval]', 'evalmachine.'], // prettier-ignore
  followers: ['Node.js v', '(Use `node --trace'],
  begins(line) {
    if (line.indent > 0) return line.starts('at ') ? frames : 0;
    if (isPlace(line)) return place;
    return isError(line.text) ? message : 0;
  },
  stands: (line) => line.starts('Uncaught ') || isPlace(line),
  goesOn(state, line, blanks) {
    if (line.starts('at ') && line.indent > 0) return frames;
    if (line.starts('^')) return state === place ? caret : 0;
    if (state === place) return blanks > 0 ? 0 : waiting;
    // What is thrown may be anything; then what comes behind it shows that it belongs.
    if (state === caret) return isError(line.text) ? message : waiting;
    if (line.starts('Node.js v') || line.starts('(Use `node --trace') || line.starts('Thrown at:')) return end;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

/** `TypeError: no`, `Error [ERR_X]: no`, `Uncaught Error: no`, `Error` alone. */
function isError(text: string): boolean {
  const start = text.startsWith('Uncaught ') ? 9 : 0;
  const name = nameEnd(text, start);
  if (name === text.length) return start < name;
  return text.startsWith(': ', name) || text.endsWith(':') || text.startsWith(' [', name);
}

/** `/app/server.js:3`, `file:///app/a.mjs:3`, `node:internal/x:3`: a path and a line number, and nothing else. */
function isPlace(line: LineHead): boolean {
  const colon = line.tail.lastIndexOf(':');
  return colon > 0 && digitsEnd(line.tail, colon + 1) === line.tail.length && colon + 1 < line.tail.length && !line.text.includes(' '); // prettier-ignore
}
