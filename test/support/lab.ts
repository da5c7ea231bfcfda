import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AgentProcess, runCommand, type LaunchOptions } from './agent-process.js';
import { asObject } from './bulk-api.js';
import { BulkServer, textOf } from './bulk-server.js';
import { sequenceDifference, setDifference } from './differences.js';
import { readHealth, type Health, type OutputHealth } from './health-form.js';
import { LogFolder } from './logs.js';
import { freePort } from './ports.js';
import { until } from './until.js';

export interface LabOptions {
  /** `PANNIER_OUTPUTS`; default `elasticsearch`. */
  readonly outputs?: string;
  /** Settings beside, or instead of, the lab's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The destination; default one of the lab's own. */
  readonly server?: BulkServer;
  /** Runs without root's rights, also where the tests have them. */
  readonly unprivileged?: boolean;
  readonly stdout?: LaunchOptions['stdout'];
}

/** A temporary folder with logs/ and state/, a destination, and the built program between them. */
export class Lab implements AsyncDisposable {
  readonly dir: string;
  readonly logs: LogFolder;
  readonly stateDir: string;
  readonly server: BulkServer;
  readonly port: number;
  /** What an output's ledger must add up to, in bytes; undefined: not known in this scenario. */
  ledgerBytes: (output: string) => number | undefined = () => this.logs.written;
  readonly #options: LabOptions;
  readonly #ownServer: boolean;
  #agent: AgentProcess | undefined;
  #settled: (() => void) | undefined;

  constructor(dir: string, port: number, server: BulkServer, options: LabOptions) {
    this.dir = dir;
    this.port = port;
    this.server = server;
    this.logs = new LogFolder(join(dir, 'logs'));
    this.stateDir = join(dir, 'state');
    this.#options = options;
    this.#ownServer = options.server === undefined;
    openLabs.getStore()?.add(this);
  }

  /** The settings it starts with: short times, so that a scenario is over soon. */
  get env(): Record<string, string> {
    return {
      PANNIER_PATHS: join(this.logs.path, '**/*.log'),
      PANNIER_STATE_DIR: this.stateDir,
      PANNIER_LISTEN: `127.0.0.1:${this.port}`,
      PANNIER_OUTPUTS: this.#options.outputs ?? 'elasticsearch',
      PANNIER_ELASTICSEARCH_URL: this.server.url,
      PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '50ms',
      PANNIER_HTTP_URL: `${this.server.url}/ndjson`,
      PANNIER_HTTP_BATCH_MAX_WAIT: '50ms',
      PANNIER_COMMIT_INTERVAL: '100ms',
      PANNIER_PARTIAL_LINE_TIMEOUT: '1s',
      PANNIER_MULTILINE_TIMEOUT: '250ms',
      PANNIER_DRAIN_QUIET: '200ms',
      PANNIER_DRAIN_TIMEOUT: '8s',
      PANNIER_LOG_LEVEL: 'debug',
      ...this.#options.env,
    };
  }

  get agent(): AgentProcess {
    assert.ok(this.#agent !== undefined, 'the agent was not started');
    return this.#agent;
  }

  /** Starts the agent; resolves when it is ready. `env` comes on top of the lab's settings, for this run. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.launch(env);
    await this.ready();
  }

  /** Starts the agent and does not wait for anything. */
  launch(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): AgentProcess {
    const { unprivileged = false, stdout = 'collected' } = this.#options;
    this.#agent = new AgentProcess({ env: { ...this.env, ...env }, args, cwd: this.dir, unprivileged, stdout });
    return this.#agent;
  }

  /** `run --once` to its end. */
  async once(env: Readonly<Record<string, string>> = {}, deadlineMs = 30_000): ReturnType<typeof runCommand> {
    const { unprivileged = false } = this.#options;
    const done = runCommand({
      env: { ...this.env, ...env },
      args: ['run', '--once'],
      cwd: this.dir,
      unprivileged,
      deadlineMs,
    });
    return await done;
  }

  /** SIGTERM; the exit code. */
  async stop(): Promise<number | string> {
    this.agent.signal('SIGTERM');
    return await this.agent.exit();
  }

  async kill9(): Promise<void> {
    this.agent.signal('SIGKILL');
    assert.equal(await this.agent.exit(), 'SIGKILL');
  }

  /** Stops it if it runs (it must end well), and starts it again. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.agent.running) assert.equal(await this.stop(), 0, this.agent.tail());
    await this.start(env);
  }

  async get(path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
    const signal = AbortSignal.timeout(5_000);
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { signal, ...init });
    return { status: response.status, body: await response.text() };
  }

  async health(): Promise<Health> {
    return readHealth((await this.get('/health')).body);
  }

  async output(name: string): Promise<OutputHealth> {
    const output = (await this.health()).outputs[name];
    assert.ok(output !== undefined, `/health knows no output ${name}`);
    return output;
  }

  async ready(): Promise<void> {
    const { agent } = this;
    await until(
      async () => {
        if (!agent.running) return 'ended' as const;
        return (await this.get('/readyz')).status === 200;
      },
      { what: 'the agent is ready', instead: () => agent.tail() },
    );
    assert.ok(agent.running, `the agent ended before it was ready\n${agent.tail()}`);
  }

  /** Waits until `/health` shows a fact. */
  async shows(what: string, fact: (health: Health) => boolean, deadlineMs = 20_000): Promise<Health> {
    let last: Health | undefined;
    return await until(
      async () => {
        last = await this.health();
        return fact(last) ? last : undefined;
      },
      { what: `/health shows: ${what}`, deadlineMs, instead: () => `${JSON.stringify(last)}\n${this.agent.tail()}` },
    );
  }

  /** Waits until every output has nothing unread, and nothing on its way. */
  async caughtUp(): Promise<Health> {
    return await this.shows('nothing unread', ({ outputs }) =>
      Object.values(outputs).every(({ lag_bytes, in_flight }) => lag_bytes === 0 && in_flight.requests === 0),
    );
  }

  /**
   * Waits until the destination has exactly these messages. NDJSON: in this order. Elasticsearch, which is not ordered: each file's records, by
   * offset, in this order. Checked once more at the end, when nothing more may have come.
   */
  async delivered(expected: readonly string[], deadlineMs = 20_000): Promise<void> {
    const difference = (this.#options.outputs ?? 'elasticsearch').includes('elasticsearch')
      ? () => setDifference(this.server.stored, expected)
      : () => sequenceDifference(this.server.lines.map(textOf), expected);
    await until(() => difference() === '', {
      what: `${expected.length} messages are delivered`,
      deadlineMs,
      instead: () => `${difference()}\n${this.agent.tail()}`,
    });
    this.#settled = () => {
      assert.equal(difference(), '', 'more came after all was delivered');
    };
  }

  /** What was said by `delivered` holds no more: more is to come. */
  forgetDelivered(): void {
    this.#settled = undefined;
  }

  /** The dead letters of an output. */
  async deadLetters(output = 'elasticsearch'): Promise<Readonly<Record<string, unknown>>[]> {
    const text = await readFile(join(this.stateDir, 'dead-letters', `${output}.ndjson`), 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(0, -1) // what has no line end yet is just being written
      .filter((line) => line.trim() !== '')
      .map((line) => asObject(JSON.parse(line)) ?? {});
  }

  /** The invariant of the ledger (design, promise 7), once the agent is at rest. */
  async checkLedger(): Promise<void> {
    let wrong = '';
    await until(
      async () => {
        wrong = this.#ledgerErrors(await this.health());
        return wrong === '';
      },
      { what: 'the ledger adds up', deadlineMs: 5_000, instead: () => `${wrong}\n${this.agent.tail()}` },
    );
  }

  #ledgerErrors({ outputs, files, files_total }: Health): string {
    const errors: string[] = [];
    for (const [name, { ledger, lag_bytes }] of Object.entries(outputs)) {
      const { delivered, dead_lettered, left_out, dropped, pending } = ledger;
      const total = delivered + dead_lettered + left_out + dropped + pending;
      const expected = this.ledgerBytes(name);
      if (expected !== undefined && total !== expected)
        errors.push(`${name}: ${total} bytes accounted for, ${expected} written: ${JSON.stringify(ledger)}`);
      if (lag_bytes > pending) errors.push(`${name}: lag_bytes ${lag_bytes} is above pending ${pending}`);
      const left = files.reduce((sum, { size, outputs: cursors }) => sum + size - (cursors[name]?.offset ?? size), 0);
      if (files_total <= files.length && left !== pending)
        errors.push(`${name}: pending is ${pending}, the files say ${left}: ${JSON.stringify(files)}`);
    }
    return errors.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#agent?.running === true) await this.checkLedger();
      this.#settled?.();
    } finally {
      if (this.#agent?.running === true) await this.kill9();
      if (this.#ownServer) await this.server[Symbol.asyncDispose]();
      await rm(this.dir, { recursive: true, force: true });
    }
  }
}

/** A lab whose agent does not run yet. */
export async function prepareAgent(options: LabOptions = {}): Promise<Lab> {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-lab-'));
  const lab = new Lab(dir, await freePort(), options.server ?? (await BulkServer.start()), options);
  await mkdir(lab.logs.path);
  await mkdir(lab.stateDir);
  if (options.unprivileged === true) {
    await chmod(dir, 0o755);
    if (process.getuid?.() === 0)
      for (const folder of [lab.logs.path, lab.stateDir]) await chown(folder, 65_534, 65_534);
  }
  return lab;
}

/** A lab whose agent runs and is ready. */
export async function startAgent(options: LabOptions = {}): Promise<Lab> {
  const lab = await prepareAgent(options);
  try {
    await lab.start();
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}

const openLabs = new AsyncLocalStorage<Set<Lab>>();

/** A test that shows the end of its agents' logs when it fails. */
export function scenario(
  name: string,
  body: () => Promise<void>,
  options: number | { readonly timeoutMs?: number; readonly skip?: string | false } = {},
): void {
  const { timeoutMs = 60_000, skip = false } = typeof options === 'number' ? { timeoutMs: options } : options;
  test(name, { timeout: timeoutMs, skip }, async (t) => {
    const labs = new Set<Lab>();
    try {
      await openLabs.run(labs, body);
    } catch (error) {
      const first = firstOf(error);
      if (!String(first).includes('log of process')) for (const lab of labs) t.diagnostic(tailOf(lab));
      throw first;
    }
  });
}

/** What went wrong first: an error on the way out (`await using`) wraps the one that was already on its way. */
function firstOf(error: unknown): unknown {
  const suppressed = error instanceof Error && 'suppressed' in error ? error.suppressed : undefined;
  return suppressed === undefined ? error : firstOf(suppressed);
}

function tailOf(lab: Lab): string {
  try {
    return lab.agent.tail();
  } catch {
    return 'its agent was not started';
  }
}
