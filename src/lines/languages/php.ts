import { digitsEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

const message = 1;
const frames = 2;

/**
 * PHP's uncaught exceptions and Monolog's traces.
 *
 *     PHP Fatal error:  Uncaught Exception: broken in /app/x.php:3
 *     Stack trace:
 *     #0 /app/x.php(7): f()
 *     #1 {main}
 *
 *     Next RuntimeException: outer in /app/x.php:9
 *     Stack trace:
 *     #0 {main}
 *       thrown in /app/x.php on line 9
 */
export const php: Rule = {
  triggers: ['PHP Fatal error: ', 'Fatal error: ', 'PHP Warning:  Uncaught', 'Uncaught '],
  followers: ['#0 ', '#1 ', '#2 ', 'Stack trace:', '[stacktrace]', '[previous exception]'],
  begins: (line) => (line.indent === 0 && line.text.includes('Uncaught ') ? message : 0),
  stands: (line) => line.starts('PHP Fatal error: ') || line.starts('Fatal error: '),
  goesOn(state, line, blanks) {
    if (isFrame(line)) return frames;
    if (line.starts('Stack trace:') || line.starts('[stacktrace]') || line.starts('thrown in ')) return frames;
    if (state === frames && (line.starts('Next ') || line.starts('[previous exception]') || line.text === '"}'))
      return message;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

/** `#12 /app/x.php(7): f()`. */
function isFrame(line: LineHead): boolean {
  if (!line.starts('#')) return false;
  const end = digitsEnd(line.text, 1);
  return end > 1 && line.text.charCodeAt(end) === 0x20;
}
