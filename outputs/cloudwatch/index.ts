import type { ItemLayout, Limits, Outcomes, SendItems } from '../../src/types/batch.js';
import type { Output, OutputContext, OutputModule } from '../output.js';
import type { ValuesOf } from '../../src/types/setting.js';
import { classifyFailure, isAlreadyAccepted, isNotFound } from './classify.js';
import { openLogsApi, type LogsApi } from './client.js';
import { withDeadline } from './deadline.js';
import { itemLayouts, RequestBody } from './encode.js';
import * as api from './limits.js';
import { Names, type Place } from './names.js';
import { PlaceMaker } from './place.js';
import { outcomesOf, planEvents, type RejectedInfo } from './plan.js';
import type { settings } from './settings.js';

/** CloudWatch Logs. One stream per file and place, so a batch holds records of one file, and requests follow one another. */
const cloudwatch: OutputModule<typeof settings> = {
  async create(context): Promise<Output> {
    return new CloudWatchOutput(context, await openLogsApi(context.version, context.settings.connectTimeout));
  },
};
export { cloudwatch as output };

class CloudWatchOutput implements Output {
  readonly ordered = true;
  readonly concurrency = 1;
  readonly limits: Limits;
  readonly item: ItemLayout;
  readonly #body: RequestBody;
  readonly #names: Names;
  readonly #maker: PlaceMaker;
  readonly #requestTimeoutMs: number;

  constructor(
    { settings: values, batchMaxBytes, origin }: OutputContext<ValuesOf<typeof settings>>,
    private readonly logs: LogsApi,
  ) {
    const batchBytes = Math.min(batchMaxBytes, api.batchBytes);
    this.limits = {
      batchBytes,
      batchRecords: api.batchRecords,
      recordBytes: Math.min(batchBytes, api.eventBytes),
      spanMs: api.spanMs,
      singleFile: true,
    };
    this.item = itemLayouts[values.body];
    this.#body = new RequestBody(values.body);
    this.#names = new Names(values.logGroup, values.logStream, origin);
    this.#maker = new PlaceMaker(logs, values.retentionDays === undefined ? undefined : Number(values.retentionDays));
    this.#requestTimeoutMs = values.requestTimeout;
  }

  get endpoints(): readonly URL[] {
    return [this.logs.endpoint];
  }

  async send(items: SendItems, signal: AbortSignal): Promise<Outcomes> {
    signal.throwIfAborted();
    const plan = planEvents(items, this.logs.nowMs());
    if (plan.sent === 0) return outcomesOf(plan, items, undefined);
    const place = this.#names.placeOf(items.file);
    const body = this.#body.build(place.group, place.stream, items, plan.order);
    const info = await this.#attempt(signal, body.length, async (attempt) => {
      await this.#maker.finish(place.group, attempt);
      return this.#put(place, body, attempt);
    });
    return outcomesOf(plan, items, info);
  }

  /**
   * Puts one event of 1970, as it would any other. The service checks credentials, the right to put and the place, answers 200, and stores nothing,
   * since the event is too old: no other right is needed and nothing is to be seen. A place that does not exist is no failure, as `send` makes it;
   * whether the role may, only making it would show.
   */
  async check(signal: AbortSignal): Promise<void> {
    const { group, stream } = this.#names.placeOf({ birthMs: this.logs.nowMs() });
    const event = { timestamp: 0, message: 'pannier check' };
    const body = Buffer.from(JSON.stringify({ logGroupName: group, logStreamName: stream, logEvents: [event] }));
    await this.#attempt(signal, body.length, async (attempt) => {
      try {
        await this.logs.putLogEvents({ group, stream }, body, attempt);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.logs.close();
    return Promise.resolve();
  }

  /** One attempt, with the making of a place that is missing. */
  async #put(place: Place, body: Buffer, signal: AbortSignal): Promise<RejectedInfo | undefined> {
    try {
      return await this.#putOnce(place, body, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    await this.#maker.make(place, signal);
    return this.#putOnce(place, body, signal);
  }

  async #putOnce(place: Place, body: Buffer, signal: AbortSignal): Promise<RejectedInfo | undefined> {
    try {
      const { rejectedLogEventsInfo } = await this.logs.putLogEvents(place, body, signal);
      return rejectedLogEventsInfo;
    } catch (error) {
      if (isAlreadyAccepted(error)) return undefined;
      throw error;
    }
  }

  async #attempt<T>(signal: AbortSignal, bodyBytes: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline(signal, this.#requestTimeoutMs, run);
    } catch (error) {
      if (signal.aborted) throw error;
      throw classifyFailure(error, bodyBytes) ?? error;
    }
  }
}
