import { apache } from './apache.js';
import { nginx } from './nginx.js';
import { promises } from './promises.js';

promises(nginx, {
  samples: [
    '2026/11/20 09:15:02 [error] 12#34: *5 no, client: 192.0.2.7, server: x, request: "GET / HTTP/1.1", host: "x:80"',
    '2026/11/20 09:15:02 [notice] 1#1: using the "epoll" event method',
  ],
  pieces: [
    ', client: ',
    ', server:',
    ', request: "GET',
    '"',
    ', ',
    '12#34: ',
    '[error]',
    '2026/11/20 09:15:02',
    ' ',
    ':',
    '\n',
  ],
});

promises(apache, {
  samples: [
    '[Fri Nov 20 09:15:02.123456 2026] [core:error] [pid 1:tid 2] [client 192.0.2.7:5] AH00126: x',
    '[Fri Nov 20 09:15:02 2026] [error] [client 2001:db8::7] File does not exist',
  ],
  pieces: [
    '[',
    '] ',
    '[client ',
    '[pid ',
    ':tid ',
    ':',
    '1',
    ' ',
    '[core:error] ',
    '[Fri Nov 20 09:15:02 2026] ',
    '\n',
  ],
});
