import { join } from 'node:path';
import { nativeProgram } from '../native.js';
import type { Agent } from './agent.js';

/** The physical limit: C, see native/control.c. */
export const control: Agent = {
  id: 'control',
  title: 'C control',
  role: 'control',
  pace: 'fast',
  notes:
    'The limit: read, memchr, escape or splice, POST, position to disk with each answer and synced each second. No rotation, retry or validation. JSON: checks the braces only and maps nothing.',
  find: () => Promise.resolve({ program: nativeProgram('control'), version: '-' }),
  plan({ program }, job) {
    if (job.ports.length > 1) return 'it has one destination';
    if (job.names.includes('*')) return 'it reads one file';
    if (job.gzip || job.caFile !== undefined) return 'it neither packs nor encrypts';
    if (job.format.startsWith('cri')) return 'it unwraps nothing';
    if (job.realServer) return 'its ids repeat from run to run';
    const mode = job.format === 'json' ? 'json' : 'raw';
    return {
      command: program,
      args: [mode, join(job.logs, job.names), String(job.ports[0]), join(job.folder, 'position')],
      env: {},
      parsed: mode === 'json',
    };
  },
};
