import { request } from 'node:http';
import { parseEcsTask, type EcsTask } from './processing/ecs-task.js';

const timeoutMs = 1000;
const maxAnswerBytes = 256 * 1024;

/**
 * Asks the task metadata endpoint, version 4, at `endpoint` (ECS_CONTAINER_METADATA_URI_V4) for our task, and for the container that we are. `named`: the
 * application's container, where it was said. Answers within a second: the task, or why there is none. Follows no redirect. Never rejects.
 */
export async function askEcs(endpoint: string, named: string, stop: AbortSignal): Promise<EcsTask | string> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
  const base = endpoint.replace(/\/$/, '');
  try {
    const [task, own] = await Promise.all([get(`${base}/task`, signal), get(base, signal).catch(() => '')]);
    return parseEcsTask(task, own, named) ?? 'the answer is not that of a task';
  } catch (error) {
    if (signal.aborted) return `no answer within ${timeoutMs / 1000} s`;
    return error instanceof Error ? error.message : String(error);
  }
}

function get(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { signal, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > maxAnswerBytes) asking.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts).toString('utf8'));
        else reject(new Error(`the answer is ${String(response.statusCode)}`));
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}
