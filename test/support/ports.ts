import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';

/**
 * A TCP port of 127.0.0.1 that nobody listens on and that no other test gets while this process lives, from below the range that the system
 * hands out by itself (Linux: 32768 and up), so that nobody gets it by chance while a test's server is down or its agent has not started yet.
 * The claim is a UDP socket of the same number: test files run in processes of their own, and the kernel takes the claim back when one ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if ((await isClaimed(port)) && (await isFree(port))) return port;
  }
}

/** Whether the port is this process's alone from now on. */
async function isClaimed(port: number): Promise<boolean> {
  const claim = createSocket('udp4');
  try {
    claim.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(claim, 'listening');
    claim.unref();
    return true;
  } catch {
    claim.close();
    return false;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
