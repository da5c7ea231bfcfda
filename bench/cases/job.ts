import type { Job } from '../agents/agent.js';
import { freePort } from '../ports.js';

type Asked = Pick<Job, 'folder' | 'logs' | 'names' | 'format' | 'ports'> & Partial<Job>;

/** A job with what most cases leave as it is: no compression, no TLS, a sink. */
export async function jobOf(asked: Asked): Promise<Job> {
  return { gzip: false, realServer: false, hurry: false, sparePort: await freePort(), ...asked };
}
