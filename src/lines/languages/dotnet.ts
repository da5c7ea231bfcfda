import { nameEnd } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

const message = 1;
const frames = 2;

/**
 * `Exception.ToString` of .NET, with inner exceptions.
 *
 *     Unhandled exception. System.InvalidOperationException: outer
 *      ---> System.ArgumentException: inner
 *        at Program.Main() in /src/Program.cs:line 5
 *        --- End of inner exception stack trace ---
 *     --- End of stack trace from previous location ---
 *        at Program.Run()
 */
export const dotnet: Rule = {
  triggers: ['Unhandled exception. ', 'Unhandled Exception: ', 'System.', 'Microsoft.'],
  followers: ['--- End of ', '---> '],
  begins(line) {
    if (line.indent > 0) return line.starts('at ') ? frames : 0;
    return line.starts('Unhandled ') || isException(line.text) ? message : 0;
  },
  stands: (line) => line.starts('Unhandled '),
  goesOn(state, line, blanks) {
    if (line.starts('--- End of ') || (line.indent > 0 && line.starts('at '))) return frames;
    if (line.starts('---> ') || (line.starts('(Inner Exception #') && state === frames)) return message;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

/** `System.IO.IOException: what it is`. */
function isException(text: string): boolean {
  const end = nameEnd(text, 0);
  return text.startsWith(': ', end) && (text.endsWith('Exception', end) || text.endsWith('Error', end));
}
