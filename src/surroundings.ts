import { hostname } from 'node:os';
import { join } from 'node:path';
import { readConfigurationFile } from '../config/read-file.js';
import { askEcs } from './ecs-metadata.js';
import type { EcsTask } from './processing/ecs-task.js';
import { readOrigin, type Surrounded } from './processing/origin.js';
import type { Configuration } from './types/configuration.js';
import type { Log } from './types/log.js';

export type SurroundingsSettings = Pick<Configuration, 'serviceName' | 'annotations' | 'podinfoDir'>;
type Env = Readonly<Record<string, string | undefined>>;

/** How often the files of the downward API are read again, ms. */
const lookEveryMs = 5000;
/** The waits between tries to reach the ECS endpoint: from the first to the last, ms. */
const firstRetryMs = 1000;
const longestRetryMs = 60_000;

/**
 * Where we run, as far as it goes into records and names: the environment, the downward API's files, the ECS task. What changes later is told by `changed`,
 * once for each change and only when it would change a record or a name; who is told asks `origin` again.
 */
export class Surroundings implements AsyncDisposable {
  private task: EcsTask | undefined;
  /** Why there is no task yet. */
  private reason = '';
  private settings: SurroundingsSettings | undefined;
  /** What `origin` answered last, as text to compare. */
  private told = '';
  private readonly stop = new AbortController();
  private looks: NodeJS.Timeout | undefined;
  private retries: NodeJS.Timeout | undefined;

  private constructor(
    private readonly env: Env,
    private readonly log: Log,
    private readonly changed: (what: string) => void,
  ) {}

  /** Takes at most a second: an ECS endpoint that does not answer by then is asked again in the background. Never rejects. */
  static async open(env: Env, log: Log, changed: (what: string) => void): Promise<Surroundings> {
    const surroundings = new Surroundings(env, log, changed);
    const endpoint = env['ECS_CONTAINER_METADATA_URI_V4'] ?? '';
    if (endpoint !== '' && !(await surroundings.askEcs(endpoint))) surroundings.retryEcs(endpoint, firstRetryMs);
    return surroundings;
  }

  /** Who we are now, by these settings. Never rejects. */
  async origin(settings: SurroundingsSettings): Promise<Surrounded> {
    this.settings = settings;
    const origin = await this.read(settings);
    this.told = comparable(origin);
    this.looks ??= setInterval(() => void this.look(), lookEveryMs).unref();
    return origin;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    clearInterval(this.looks);
    clearTimeout(this.retries);
    await Promise.resolve();
  }

  private async read({ serviceName, annotations, podinfoDir }: SurroundingsSettings): Promise<Surrounded> {
    const [labels, annotationText] = await Promise.all([
      textOf(join(podinfoDir, 'labels')),
      annotations.length === 0 ? '' : textOf(join(podinfoDir, 'annotations')),
    ]);
    return readOrigin({
      env: this.env,
      labels,
      annotations: annotationText,
      task: this.task,
      hostname: hostname(),
      serviceName,
      wantedAnnotations: annotations,
    });
  }

  private async look(): Promise<void> {
    if (this.settings === undefined) return;
    const now = comparable(await this.read(this.settings));
    if (now === this.told || this.stop.signal.aborted) return;
    // Told once, also when nobody asks again.
    this.told = now;
    this.changed('labels or annotations of the pod changed');
  }

  /** True when the task is known now. */
  private async askEcs(endpoint: string): Promise<boolean> {
    const answer = await askEcs(endpoint, this.env['CONTAINER_NAME'] ?? '', this.stop.signal);
    if (typeof answer === 'string') {
      if (!this.stop.signal.aborted && this.reason !== answer)
        this.log.warn({ reason: answer }, 'the ECS task metadata can not be had now; tried again in the background');
      this.reason = answer;
      return false;
    }
    this.task = answer;
    return true;
  }

  private retryEcs(endpoint: string, waitMs: number): void {
    const retry = async (): Promise<void> => {
      if (!(await this.askEcs(endpoint))) this.retryEcs(endpoint, Math.min(waitMs * 2, longestRetryMs));
      else if (!this.stop.signal.aborted) this.changed('the ECS task metadata are known now');
    };
    if (!this.stop.signal.aborted) this.retries = setTimeout(() => void retry(), waitMs).unref();
  }
}

/** A file's text; '' when it can't be read, or is too large. */
async function textOf(path: string): Promise<string> {
  try {
    return await readConfigurationFile(path);
  } catch {
    return '';
  }
}

const comparable = (origin: Surrounded): string => JSON.stringify({ ...origin, attributes: [...origin.attributes] });
