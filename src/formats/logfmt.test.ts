import { logfmt } from './logfmt.js';
import { promises } from './promises.js';

promises(logfmt, {
  samples: [
    'time="2026-11-21T00:03:28Z" level=warning msg="hello there" a="x y" n=3',
    'logger=settings t=2025-04-24T19:51:48.520963849Z level=info msg="Starting" version=11.5.2',
    'ts=2026-11-21T00:03:28.287000467Z caller=main.go:12 level=error err="a \\"b\\""',
    'at=info method=GET path="/" host=shop.example request_id=7 fwd="192.0.2.7" dyno=web.1 status=200 bytes=12',
  ],
  pieces: ['level=', 'info ', '=', '"', '\\"', '\\x', '\\u12', ' ', '\t', 'a=b ', 'msg="x" ', 'key', '1', 'é', '😀'],
});
