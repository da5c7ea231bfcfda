import { digitsEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

/** Behind the first line, which says nothing of the error. */
const head = 1;
const message = 2;
const frames = 3;

/**
 * Uncaught errors of Dart.
 *
 *     Unhandled exception:
 *     Bad state: No element
 *     #0      main (file:///app/a.dart:2:3)
 *     <asynchronous suspension>
 */
export const dart: Rule = {
  triggers: ['Unhandled exception:'],
  followers: ['#0 ', '#1 ', '#2 ', '<asynchronous suspension>'],
  begins: (line) => (line.indent === 0 && line.text === 'Unhandled exception:' ? head : 0),
  stands: () => true,
  goesOn(state, line, blanks) {
    if (isFrame(line) || line.starts('<asynchronous suspension>')) return frames;
    if (state === head) return blanks === 0 ? message : 0;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

function isFrame(line: LineHead): boolean {
  if (!line.starts('#')) return false;
  const end = digitsEnd(line.text, 1);
  return end > 1 && line.text.charCodeAt(end) === 0x20;
}
