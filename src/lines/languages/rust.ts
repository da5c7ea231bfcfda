import type { Rule } from '../rule.js';
import { waiting } from '../rule.js';

/** Behind the first line: the message has the next line for itself, and may have more. */
const head = 1;
const message = 2;
const backtrace = 3;

/**
 * Panics of Rust, old and new, and the causes that anyhow and eyre print.
 *
 *     thread 'main' panicked at src/main.rs:2:5:
 *     index out of bounds: the len is 3 but the index is 5
 *     stack backtrace:
 *        0: std::panicking::begin_panic
 *     note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
 */
export const rust: Rule = {
  triggers: ["thread '", 'thread <unnamed>'],
  followers: ['stack backtrace:', 'note: run with `RUST_', 'note: Some details are omitted', 'Caused by:', 'Stack backtrace:'], // prettier-ignore
  begins: (line) => (line.indent === 0 && line.text.includes(' panicked at ') ? (line.ends(':') ? head : message) : 0),
  stands: () => true,
  goesOn(state, line, blanks) {
    if (isMark(line.text)) return backtrace;
    if (state === head) return blanks === 0 ? message : 0;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

const isMark = (text: string): boolean =>
  text.startsWith('stack backtrace:') ||
  text.startsWith('note: ') ||
  text === 'Caused by:' ||
  text === 'Stack backtrace:' ||
  text === 'Location:';
