import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { endWithUs } from '../cleanup.js';
import { nativeProgram } from '../native.js';

export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What came since the last `run`; times are ns of the monotonic clock, latencies ms. See native/sink.c. */
export interface SinkStats {
  readonly expected: number;
  readonly records: number;
  readonly distinct: number;
  readonly repeated: number;
  readonly foreign: number;
  readonly broken: number;
  readonly linesWrong: number;
  readonly missing: number;
  readonly firstMissing: number;
  readonly requests: number;
  readonly answered: number;
  readonly bodyBytes: number;
  readonly wireBytes: number;
  readonly badBodies: number;
  readonly connections: number;
  readonly firstNs: number;
  readonly completeNs: number;
  readonly lastNs: number;
  readonly cpuSeconds: number;
  readonly samples: number;
  readonly latency: Latency;
  readonly others: readonly string[];
}

export type BodyKind = 'bulk' | 'ndjson' | 'otlp-json' | 'otlp-protobuf';
const kinds: readonly (BodyKind | undefined)[] = [undefined, 'bulk', 'ndjson', 'otlp-json', 'otlp-protobuf'];

/** A body that the sink kept, unpacked. */
export interface Sample {
  readonly kind: BodyKind;
  readonly bytes: Buffer;
}

interface SinkEvent {
  readonly event: string;
  readonly ns?: number;
  readonly port?: number;
}

/** The C sink, as a child process. */
export class Sink implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<string, ((event: SinkEvent) => void)[]>();
  readonly #seen = new Map<string, SinkEvent>();
  #ended = false;
  port = 0;

  private constructor(args: readonly string[]) {
    this.#child = endWithUs(spawn(nativeProgram('sink'), args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    this.#child.once('exit', () => {
      this.#ended = true;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#heard(JSON.parse(line) as SinkEvent));
  }

  /** @param options `tls`: paths of certificate and key; `silent`: it takes bodies and never answers */
  static async start(options: { tls?: { cert: string; key: string }; silent?: boolean } = {}): Promise<Sink> {
    const { tls, silent = false } = options;
    const sink = new Sink([...(tls ? ['--tls', tls.cert, tls.key] : []), ...(silent ? ['--silent'] : [])]);
    sink.port = (await sink.#event('listening')).port ?? 0;
    return sink;
  }

  /** Forgets everything, and expects the numbers 0 to `expected` - 1. Keeps one body of each `sampleBytes` (0: none). */
  run(expected: number, sampleBytes = 0): void {
    this.#seen.delete('first');
    this.#seen.delete('complete');
    this.#say(`run ${expected} ${sampleBytes}`);
  }

  /** Latencies count for what was written from now on. */
  since(ns: bigint): void {
    this.#say(`since ${ns}`);
  }

  /** When the first (last) expected number came; waits for it. */
  first(): Promise<number> {
    return this.#once('first');
  }

  complete(): Promise<number> {
    return this.#once('complete');
  }

  async stats(): Promise<SinkStats> {
    const stats = this.#event('stats');
    this.#say('stats');
    return (await stats) as unknown as SinkStats;
  }

  /** The bodies kept since the last `run`, by way of a file at `path`. */
  async samples(path: string): Promise<Sample[]> {
    const written = this.#event('samples');
    this.#say(`samples ${path}`);
    await written;
    const bytes = readFileSync(path);
    const samples: Sample[] = [];
    for (let at = 0; at < bytes.length;) {
      const kind = kinds[bytes.readUInt8(at)];
      const length = bytes.readUInt32LE(at + 1);
      if (kind === undefined) throw new Error(`a sample of unknown kind ${bytes.readUInt8(at)}`);
      samples.push({ kind, bytes: bytes.subarray(at + 5, at + 5 + length) });
      at += 5 + length;
    }
    return samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exit;
  }

  async #once(event: string): Promise<number> {
    return (this.#seen.get(event) ?? (await this.#event(event))).ns ?? 0;
  }

  #event(event: string): Promise<SinkEvent> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new Error('the sink has ended'));
      const ended = () => reject(new Error('the sink has ended'));
      this.#child.once('exit', ended);
      const heard = (value: SinkEvent) => {
        this.#child.off('exit', ended);
        resolve(value);
      };
      this.#waiting.set(event, [...(this.#waiting.get(event) ?? []), heard]);
    });
  }

  #heard(event: SinkEvent): void {
    this.#seen.set(event.event, event);
    for (const resolve of this.#waiting.get(event.event) ?? []) resolve(event);
    this.#waiting.delete(event.event);
  }

  #say(command: string): void {
    this.#child.stdin.write(`${command}\n`);
  }
}
