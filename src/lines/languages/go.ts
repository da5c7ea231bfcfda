import { digitsEnd, nameEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

/** What is said before the first goroutine, which may have lines of its own. */
const message = 1;
const goroutine = 2;
/** `exit status 2`, which `go run` adds. */
const end = 3;

/**
 * Panics, fatal errors and dumps of all goroutines, with blank lines between them.
 *
 *     panic: runtime error: index out of range [5] with length 3
 *     [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45]
 *
 *     goroutine 1 [running]:
 *     main.main()
 *         /app/main.go:5 +0x1d
 *     exit status 2
 */
export const go: Rule = {
  triggers: [
    'panic: ',
    'fatal error: ',
    'goroutine ',
    'SIGQUIT: ',
    'SIGABRT: ',
    'unexpected fault address ',
    'runtime: ',
  ],
  followers: ['[signal SIG'],
  begins(line) {
    if (line.indent > 0) return 0;
    if (line.starts('goroutine ')) return isGoroutine(line) ? goroutine : 0;
    if (line.starts('runtime: ')) return line.starts('runtime: goroutine stack exceeds ') ? message : 0;
    return message;
  },
  stands: (line) => !line.starts('goroutine '),
  goesOn(state, line, blanks) {
    if (state === end) return 0;
    if (isGoroutine(line) || line.starts('runtime stack:')) return goroutine;
    if (line.starts('exit status ')) return end;
    if (state === message) return opensMore(line) ? message : line.indent > 0 && blanks === 0 ? message : waiting;
    if (blanks > 0) return isRegister(line.text) ? goroutine : 0;
    return line.indent > 0 || isFrame(line) || isRegister(line.text) ? goroutine : 0;
  },
};

const opensMore = (line: LineHead): boolean =>
  line.starts('panic: ') || line.starts('[signal ') || line.starts('fatal error: ') || line.starts('PC=0x');

/** `goroutine 18 [running]:`, in newer versions with more between the number and the bracket. */
function isGoroutine(line: LineHead): boolean {
  if (!line.starts('goroutine ')) return false;
  const number = digitsEnd(line.text, 10);
  return number > 10 && line.text.includes('[', number) && line.ends(':');
}

/** `main.(*T).f(0xc000, {0x1, 0x2})`, `created by net/http.(*Server).Serve in goroutine 1`, `...additional frames elided...`. */
const isFrame = (line: LineHead): boolean =>
  line.starts('created by ') || line.starts('...') || (line.ends(')') && line.text.includes('('));

/** `rip    0x45f1a1`, as they follow a fatal signal. */
function isRegister(text: string): boolean {
  const name = nameEnd(text, 0);
  if (name < 2 || name > 6) return false;
  let at = name;
  while (text.charCodeAt(at) === 0x20) at++;
  return at > name && text.startsWith('0x', at);
}
