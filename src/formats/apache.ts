import { access } from './access.js';
import { mayBeApacheError, readApacheError } from './servers/apache-error.js';
import type { Format } from './format.js';

/** Apache's httpd: its error log, and its access log. Guessed, an access line is `access`: nothing in it says which server wrote it. */
export const apache: Format = {
  name: 'apache',
  continues: true,
  read(record, evidence, context) {
    if (record.part !== undefined) return undefined;
    if (mayBeApacheError(record)) {
      const finding = readApacheError(record.text.toString('utf8', record.from, record.to), context.zone);
      if (finding !== undefined) {
        Object.assign(record, finding);
        return 'record';
      }
    }
    return evidence === 'demanded' ? access.read(record, evidence, context) : undefined;
  },
  refusal: () => 'the line is no line of Apache',
};
