import { awsElb } from './aws-elb.js';
import { envoy } from './envoy.js';
import { gin } from './gin.js';
import { haproxy } from './haproxy.js';
import { promises } from './promises.js';
import { s3Access } from './s3-access.js';
import { squid } from './squid.js';
import { suricata } from './suricata.js';

promises(haproxy, {
  samples: [
    '192.0.2.7:1 [20/Nov/2026:09:15:02.123] http-in static/srv1 10/0/30/69/109 200 27 - - ---- 1/1/1/1/0 0/0 {a} {} "GET / HTTP/1.1"',
    '192.0.2.7:1 [20/Nov/2026:09:15:02.123] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0',
    'Nov 20 09:15:02 lb haproxy[7]: 192.0.2.7:1 [20/Nov/2026:09:15:02.123] fnt/1: SSL handshake failure',
  ],
  pieces: [
    '192.0.2.7:1 ',
    '[20/Nov/2026:09:15:02.123] ',
    'a/b ',
    '0/0/0 ',
    '- ',
    '{',
    '} ',
    '"',
    ' ',
    '/',
    '0',
    'Nov 20 09:15:02 lb a: ',
  ],
});

promises(squid, {
  samples: ['1795511702.123     45 192.0.2.7 TCP_MISS/200 612 GET http://a.example/ - HIER_DIRECT/10.0.0.9 text/html'],
  pieces: ['1795511702.123 ', '45 ', 'TCP_MISS/200 ', ' ', '"', '/', '192.0.2.7 '],
});

promises(awsElb, {
  samples: [
    'http 2026-11-20T09:15:02.186641Z app/lb/5 192.0.2.7:1 10.0.0.1:80 0.0 0.1 0.0 200 200 34 366 "GET http://a:80/ HTTP/1.1" "curl" - -',
    '2026-11-20T09:15:02.186641Z lb 192.0.2.7:1 10.0.0.1:80 0.0 0.1 0.0 200 200 34 366 "GET http://a:80/ HTTP/1.1"',
  ],
  pieces: ['http ', '2026-11-20T09:15:02.186641Z ', '192.0.2.7:1 ', '0.1 ', '200 ', '"', '\\', '" ', ' '],
});

promises(envoy, {
  samples: [
    '[2026-11-20T09:15:02.310Z] "GET / HTTP/1.1" 204 - 154 0 226 100 "192.0.2.7" "curl" "id" "a" "b"',
    '[2026-11-20T09:15:02.310Z] "GET / HTTP/1.1" 503 UF a - "-" 0 15 1 0 "-" "curl" "id" "a" "b" c - - - - -',
  ],
  pieces: ['[2026-11-20T09:15:02.310Z] ', '"', '" ', '\\', '- ', '200 ', '"- - -" ', ' '],
});

promises(suricata, {
  samples: [
    '11/20/2026-09:15:02.123456  [**] [1:2:3] x [**] [Classification: a] [Priority: 3] {TCP} 192.0.2.7:1 -> 192.0.2.8:80',
    '11/20-09:15:02.123456  [**] [1:2:3] x [**] [Priority: 3] {TCP} 192.0.2.7:1 -> 192.0.2.8:80',
  ],
  pieces: [
    '[**] ',
    '[1:2:3] ',
    '[Priority: 1] ',
    '[Classification: x] ',
    '{TCP} ',
    ' -> ',
    ' ',
    ':',
    '[',
    '11/20/2026-',
  ],
});

promises(gin, {
  samples: ['[GIN] 2026/11/20 - 09:15:02 | 200 |    1.2345ms |       192.0.2.7 | GET      "/ping"'],
  pieces: ['[GIN] ', '2026/11/20 - 09:15:02 ', '| ', '200 ', 'GET ', '"', '\u001b[97;42m', '\u001b[', ' ', 'A'],
});

promises(s3Access, {
  samples: [
    `${'0a'.repeat(32)} shop [20/Nov/2026:09:15:02 +0000] 192.0.2.7 - 3E57 REST.GET.OBJECT a/b "GET /x HTTP/1.1" 200 - 5 5 7 6 "-" "x" -`,
  ],
  pieces: ['0a'.repeat(32), ' ', '[20/Nov/2026:09:15:02 +0000] ', '"', '\\', '- ', '200 ', 'a'],
});
