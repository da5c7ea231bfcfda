import { digitsEnd, type LineHead } from '../line-head.js';
import type { Rule } from '../rule.js';

const frames = 1;

/**
 * Ruby's `full_message`: the first line has the place and the message, the frames are indented. A cause begins as the first line did.
 *
 *     app.rb:2:in 'foo': broken (RuntimeError)
 *         from app.rb:5:in '<main>'
 *     app.rb:9:in 'bar': why (IOError)
 */
export const ruby: Rule = {
  triggers: [],
  begins: (line) => (line.indent > 0 && isFrame(line) ? frames : 0),
  goesOn(state, line, blanks) {
    if (line.indent > 0) return blanks === 0 ? state : 0;
    return blanks === 0 && isPlace(line.text, 0) ? frames : 0;
  },
};

const isFrame = (line: LineHead): boolean => line.starts('from ') && isPlace(line.text, 5);

/** `app.rb:2:in ` at `from`. */
function isPlace(text: string, from: number): boolean {
  const colon = text.indexOf(':', from);
  if (colon <= from) return false;
  const end = digitsEnd(text, colon + 1);
  return end > colon + 1 && text.startsWith(':in ', end);
}
