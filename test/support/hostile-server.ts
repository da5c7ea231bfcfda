import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What the server does with a connection once a request's head has come. The socket may be gone at any moment. */
export type Behaviour = (socket: Socket) => void | Promise<void>;

/** A server on 127.0.0.1 that speaks bytes, not HTTP: it can say what no library would. */
export class HostileServer implements AsyncDisposable {
  /** Taken in turn, the last one for ever. */
  behaviours: Behaviour[] = [];
  /** Heads of requests that came. */
  requests = 0;
  readonly #server = createServer((socket) => this.#meet(socket));
  readonly #sockets = new Set<Socket>();

  static async start(...behaviours: Behaviour[]): Promise<HostileServer> {
    const server = new HostileServer();
    server.behaviours = behaviours;
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #meet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let head = '';
    socket.on('data', (bytes: Buffer) => {
      if (head.endsWith('\r\n\r\n')) return;
      head = (head + bytes.toString('latin1')).slice(0, 64 * 1024);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      head = '\r\n\r\n';
      this.requests++;
      const behaviour = this.behaviours.length > 1 ? this.behaviours.shift() : this.behaviours[0];
      void behaviour?.(socket);
    });
  }
}

/** Says it all at once, and closes unless `keep`. */
export const says =
  (bytes: string | Buffer, keep = false): Behaviour =>
  (socket) => {
    socket.write(bytes);
    if (!keep) socket.end();
  };

/** Says `first`, then `again` for ever, as fast as it is taken. `sent` is told of each byte that left. */
export const forEver =
  (first: string, again: string | Buffer, sent: (bytes: number) => void = () => {}): Behaviour =>
  async (socket) => {
    socket.write(first);
    const chunk = Buffer.from(again);
    // Not `once`: it rejects on a reset, which is what we wait for.
    const gone = new Promise((resolve) => socket.once('close', resolve));
    while (!socket.destroyed) {
      sent(chunk.length);
      if (!socket.write(chunk)) await Promise.race([gone, new Promise((resolve) => socket.once('drain', resolve))]);
      await new Promise(setImmediate);
    }
  };
