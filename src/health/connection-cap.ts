import type { Server, Socket } from 'node:net';

/**
 * Keeps at most `most` connections of a server open, by ending the oldest for a new one. Not the new one: whoever holds all of them open without a
 * word would keep the kubelet's probes out, and the pod would be restarted for it.
 */
export function capConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    for (const oldest of open) {
      if (open.size <= most) break;
      open.delete(oldest);
      oldest.destroy();
    }
  });
}
