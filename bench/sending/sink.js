// The other end: takes bodies, discards them, and answers each as Elasticsearch and CloudWatch Logs do when all is well. Prints its port. A process of
// its own, so that its CPU time is not the sender's. `node sink.js [KEY CERT]`: with files, TLS.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const body = '{"errors":false,"items":[]}';
const reply = [
  'HTTP/1.1 200 OK',
  'x-elastic-product: Elasticsearch',
  'content-type: application/vnd.elasticsearch+json;compatible-with=8',
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n');

/** Reads requests with a content-length from one connection; anything else ends the sink. */
function exchange(socket) {
  let head = '';
  let left = 0;
  socket.on('error', () => {});
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      if (left === 0) {
        head += bytes.latin1Slice(at);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
        if (length === undefined) throw new Error(`a request without a length: ${head.slice(0, end)}`);
        at = bytes.length - (head.length - end - 4);
        left = Number(length);
        head = '';
      }
      const taken = Math.min(left, bytes.length - at);
      left -= taken;
      at += taken;
      if (left === 0) socket.write(reply);
    }
  };
}

const [key, cert] = process.argv.slice(2);
const server =
  key === undefined
    ? createServer({ noDelay: true }, (socket) => socket.on('data', exchange(socket)))
    : createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) =>
        socket.on('data', exchange(socket)),
      );
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on('end', () => process.exit()).resume();
