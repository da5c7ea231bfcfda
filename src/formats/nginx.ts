import { access } from './access.js';
import type { Format } from './format.js';
import { mayBeNginxError, readNginxError } from './servers/nginx-error.js';

/** nginx: its error log, and its access log. Guessed, an access line is `access`: nothing in it says which server wrote it. */
export const nginx: Format = {
  name: 'nginx',
  continues: true,
  read(record, evidence, context) {
    if (record.part !== undefined) return undefined;
    if (!mayBeNginxError(record)) return evidence === 'demanded' ? access.read(record, evidence, context) : undefined;
    const finding = readNginxError(record.text.toString('utf8', record.from, record.to), context.zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is no line of nginx',
};
