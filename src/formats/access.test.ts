import { access } from './access.js';
import { promises } from './promises.js';

promises(access, {
  samples: [
    '192.0.2.7 - frank [20/Nov/2026:09:15:02 +0100] "GET /a.gif HTTP/1.0" 200 2326',
    'shop.example:443 192.0.2.7 - - [20/Nov/2026:08:15:02 +0000] "GET / HTTP/1.1" 503 190 "-" "curl/8.5.0" 12 "x y"',
    '[20/Nov/2026 09:15:02] "GET /cart HTTP/1.1" 200 12',
    'a.example - - [2026-11-20T08:15:02+00:00] shop "GET / HTTP/2" - - "-" "-"',
  ],
  pieces: [
    '192.0.2.7 ',
    ', ',
    '- ',
    '[20/Nov/2026:09:15:02 +0000]',
    ' "GET / HTTP/1.1"',
    '"',
    '\\',
    '\\"',
    '" ',
    ' 200',
    ' ',
    '[',
    ']',
    ':',
    '1',
    'é',
  ],
});
