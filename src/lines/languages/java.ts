import { nameEnd, type LineHead } from '../line-head.js';
import { waiting, type Rule } from '../rule.js';

/** The message of an exception may have lines of its own, until the first `at`. */
const message = 1;
const frames = 2;

/**
 * `Throwable.printStackTrace`, and what logback and log4j make of it (`Wrapped by:`, `... 12 common frames omitted`); Kotlin and Scala as well.
 *
 *     Exception in thread "main" java.lang.IllegalStateException: a message
 *     of two lines
 *         at com.acme.Main.main(Main.java:5)
 *     Caused by: java.io.IOException: broken
 *         ... 1 more
 */
export const java: Rule = {
  triggers: ['Exception in thread "', 'java.', 'javax.', 'jakarta.', 'kotlin.', 'scala.', 'org.', 'com.', 'net.', 'io.', 'sun.', 'jdk.'], // prettier-ignore
  followers: ['Caused by: ', 'Wrapped by: '],
  begins(line) {
    if (line.indent > 0) return isFrame(line) ? frames : 0;
    return line.starts('Exception in thread "') || isThrowable(line.text) ? message : 0;
  },
  stands: (line) => line.starts('Exception in thread "'),
  goesOn(state, line, blanks) {
    if (isFrame(line)) return frames;
    if (opensAnother(line)) return message;
    if (line.indent > 0 && blanks === 0) return state;
    return state === message ? waiting : 0;
  },
};

const isFrame = (line: LineHead): boolean =>
  line.starts('at ') || (line.starts('... ') && (line.ends(' more') || line.ends(' common frames omitted')));

const opensAnother = (line: LineHead): boolean =>
  line.starts('Caused by: ') ||
  line.starts('Wrapped by: ') ||
  line.starts('Suppressed: ') ||
  line.starts('[CIRCULAR REFERENCE');

/** `java.io.IOException` or `java.lang.Error: what it is`: a name with dots, whose last part begins with a capital, alone or before a colon. */
function isThrowable(text: string): boolean {
  const end = nameEnd(text, 0);
  const dot = text.lastIndexOf('.', end - 1);
  const capital = text.charCodeAt(dot + 1);
  return dot > 0 && capital >= 0x41 && capital <= 0x5a && (end === text.length || text.startsWith(': ', end));
}
