import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import test from 'node:test';
import type { Output } from '../../outputs/output.js';
import type { Outcomes } from '../../src/types/batch.js';
import { PermanentError, RetryableError, TooLargeError, type ErrorCode } from '../../src/types/errors.js';
import { itemsOf, plainItemsOf, recordOf } from './items.js';
import type { Reply, ScriptedHttp } from './scripted-http.js';

/** An output with a destination of its own, which nobody else uses. Disposing it closes the output first, then the destination. */
export interface Subject extends AsyncDisposable {
  readonly output: Output;
  /** The messages that the destination holds, in the order stored. */
  stored(): readonly string[] | Promise<readonly string[]>;
}

export interface OutputSubject {
  open(): Promise<Subject>;
}

export interface HttpSubject extends Subject {
  readonly server: ScriptedHttp;
}

/** An output that speaks HTTP, and how its destination says what every destination has to say. */
export interface HttpOutputSubject {
  /** `requestTimeoutMs` is the output's own limit for one request. */
  open(options: { readonly requestTimeoutMs: number }): Promise<HttpSubject>;
  /** True: a 2xx status accepts a batch, whatever its body says or does (plain HTTP). */
  readonly statusIsEnough?: boolean;
  readonly replies: {
    /** Too many requests, try again in 7 seconds. `retryAfterMs`: what the output makes of it (7000, or undefined where the destination cannot say). */
    readonly busy: { readonly reply: Reply; readonly retryAfterMs: number | undefined };
    readonly serverError: Reply;
    /** The credentials are wrong. */
    readonly unauthorised: Reply;
    /** The body is larger than the destination takes. Left out where it has no such answer. */
    readonly tooLarge?: Reply;
    /** The body as a whole is judged and refused. */
    readonly refused: Reply;
    /** The place that is written to does not exist. Left out where the output makes it. */
    readonly missing?: Reply;
    /** Success, with a body that is not the destination's. */
    readonly garbage: readonly Reply[];
    /** Of three records the first is accepted, the second to be tried again, the third refused. Left out where records are not judged one by one. */
    readonly mixed?: Reply;
  };
}

const hostileLines = [
  'plain',
  'a "quoted" \\ back\\slash / slash',
  'tab\tand\u0000nul\u001b[31mred\u007f',
  '{"create":{"_index":"other"}}',
  '{"message":"json"}\\n{"index":{}}',
  'line\nfeed\r\nin the middle',
  'ünïcödé 😀 \u2028 \u2029 \ufeff',
  Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xf0, 0x9f, 0x98]),
  '__proto__',
  'x'.repeat(70_000),
];
const repaired = hostileLines.map((line) => (typeof line === 'string' ? line : line.toString('utf8')));

const never = new AbortController().signal;
const send = (output: Output, lines: readonly (string | Buffer)[], signal: AbortSignal = never): Promise<Outcomes> =>
  output.send(
    itemsOf(
      output,
      lines.map((line) => recordOf(line)),
    ),
    signal,
  );

/** One outcome kind per item. */
function kinds(outcomes: Outcomes, count: number): string[] {
  return outcomes === 'accepted' ? Array.from({ length: count }, () => 'accepted') : outcomes.map(({ kind }) => kind);
}

/** What every output keeps, whatever it speaks. */
export function outputContract(name: string, subject: OutputSubject): void {
  test(`${name}: every record of a batch is stored once, exactly, in order`, async () => {
    await using bench = await subject.open();
    const outcomes = await send(bench.output, hostileLines);
    assert.deepEqual(
      kinds(outcomes, hostileLines.length),
      repaired.map(() => 'accepted'),
    );
    assert.deepEqual(await bench.stored(), repaired);
  });

  test(`${name}: batches follow one another`, async () => {
    await using bench = await subject.open();
    for (const lines of [['a', 'b'], ['c'], ['d', 'e', 'f']]) await send(bench.output, lines);
    assert.deepEqual(await bench.stored(), ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test(`${name}: sending does not change the body`, async () => {
    await using bench = await subject.open();
    const items = itemsOf(bench.output, [recordOf('one'), recordOf('two')]);
    const before = Buffer.from(items.body);
    await bench.output.send(items, never);
    assert.deepEqual(items.body, before);
  });

  test(`${name}: the plain form of a record is stored as one record`, async (t) => {
    await using bench = await subject.open();
    if (bench.output.encodePlain === undefined) return t.skip('it has none');
    const items = itemsOf(bench.output, [recordOf('first'), recordOf('second "2"')]);
    await bench.output.send(plainItemsOf(bench.output, items, 'no "good"\n'), never);
    assert.deepEqual(await bench.stored(), ['first', 'second "2"']);
  });

  test(`${name}: a send whose signal is aborted already rejects and stores nothing`, async () => {
    await using bench = await subject.open();
    await assert.rejects(send(bench.output, ['late'], AbortSignal.abort()));
    assert.deepEqual(await bench.stored(), []);
  });

  test(`${name}: the check passes and leaves nothing behind`, async () => {
    await using bench = await subject.open();
    await bench.output.check(never);
    assert.deepEqual(await bench.stored(), []);
    await send(bench.output, ['after']);
    assert.deepEqual(await bench.stored(), ['after']);
  });

  test(`${name}: its limits fit together, and it can be disposed twice`, async () => {
    await using bench = await subject.open();
    const { limits, ordered, concurrency } = bench.output;
    assert.ok(limits.recordBytes <= limits.batchBytes && limits.recordBytes > 0);
    assert.ok(limits.batchRecords >= 1 && limits.spanMs > 0);
    assert.ok(ordered ? concurrency === 1 : concurrency >= 1);
    await bench.output[Symbol.asyncDispose]();
    await bench.output[Symbol.asyncDispose]();
  });
}

/** What every output over HTTP keeps, besides `outputContract`. */
export function httpOutputContract(name: string, subject: HttpOutputSubject): void {
  const { replies } = subject;
  const longMs = 60_000;

  /** Opens, lets the next request meet `reply`, and returns the error that `send` throws. */
  async function failure(bench: HttpSubject, reply: Reply): Promise<unknown> {
    bench.server.next({ kind: 'reply', ...reply });
    return rejection(send(bench.output, ['one', 'two']));
  }

  outputContract(name, { open: () => subject.open({ requestTimeoutMs: longMs }) });

  test(`${name}: too many requests is a reason to wait as long as it was told`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    const error = await failure(bench, replies.busy.reply);
    assertRetryable(error, 'OUTPUT_BUSY');
    assert.equal(error.retryAfterMs, replies.busy.retryAfterMs);
    assert.deepEqual(await bench.stored(), []);
    await send(bench.output, ['again']);
    assert.deepEqual(await bench.stored(), ['again']);
  });

  const faultsOfTheOutput: readonly (readonly [string, Reply | undefined, ErrorCode])[] = [
    ['a server error', replies.serverError, 'OUTPUT_SERVER_ERROR'],
    ['wrong credentials', replies.unauthorised, 'OUTPUT_AUTH'],
    ['a missing place', replies.missing, 'OUTPUT_NOT_FOUND'],
    ...replies.garbage.map((reply, i) => [`garbage ${i + 1} for an answer`, reply, 'OUTPUT_INVALID_REPLY'] as const),
  ];
  for (const [what, reply, code] of faultsOfTheOutput) {
    if (reply === undefined) continue;
    test(`${name}: ${what} is a fault of the output, never of the records`, async () => {
      await using bench = await subject.open({ requestTimeoutMs: longMs });
      assertRetryable(await failure(bench, reply), code);
    });
  }

  test(`${name}: a body that is refused as a whole is judged for good`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    const error = await failure(bench, replies.refused);
    assert.ok(error instanceof PermanentError && !(error instanceof TooLargeError), String(error));
  });

  const { tooLarge, mixed } = replies;
  if (tooLarge !== undefined)
    test(`${name}: a body that is too large is told from one that is bad`, async () => {
      await using bench = await subject.open({ requestTimeoutMs: longMs });
      assert.ok((await failure(bench, tooLarge)) instanceof TooLargeError);
    });

  if (mixed !== undefined)
    test(`${name}: each record has its own outcome, in order`, async () => {
      await using bench = await subject.open({ requestTimeoutMs: longMs });
      bench.server.next({ kind: 'reply', ...mixed });
      const outcomes = await send(bench.output, ['good', 'later', 'bad']);
      assert.deepEqual(kinds(outcomes, 3), ['accepted', 'retry', 'rejected']);
    });

  test(`${name}: a redirect is not followed, and the other place sees nothing`, async () => {
    await using elsewhere = await subject.open({ requestTimeoutMs: longMs });
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    for (const status of [301, 302, 307, 308]) {
      const error = await failure(bench, { status, headers: { location: `${elsewhere.server.url}/` }, body: '' });
      assertRetryable(error, 'OUTPUT_REDIRECT');
    }
    assert.equal(elsewhere.server.connectionsMade, 0);
  });

  test(`${name}: a destination that does not answer is given up on in time`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: 150 });
    bench.server.next({ kind: 'hang' });
    assertRetryable(await rejection(send(bench.output, ['one'])), 'OUTPUT_TIMEOUT');
  });

  test(`${name}: an answer that trickles for ever is given up on in time`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: 150 });
    bench.server.next({ kind: 'drip' });
    const sent = send(bench.output, ['one']);
    if (subject.statusIsEnough === true) assert.equal(await sent, 'accepted');
    else assertRetryable(await rejection(sent), 'OUTPUT_TIMEOUT');
    await bench.server.disconnected();
  });

  test(`${name}: an answer without end is not kept in memory`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    bench.server.next({ kind: 'huge' });
    const sent = send(bench.output, ['one']);
    if (subject.statusIsEnough === true) assert.equal(await sent, 'accepted');
    else assertRetryable(await rejection(sent), 'OUTPUT_INVALID_REPLY');
    await bench.server.disconnected();
  });

  test(`${name}: a connection reset while the body is sent can be told from others`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    bench.server.next({ kind: 'reset' });
    const error = await rejection(send(bench.output, [randomBytes(600_000).toString('base64')]));
    assertRetryable(error, 'OUTPUT_UNREACHABLE');
    assert.equal(error.brokenWhileSending, true);
    await send(bench.output, ['again']);
    assert.deepEqual(await bench.stored(), ['again']);
  });

  test(`${name}: a reply that is lost, or torn where it matters, is a reason to send again`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    bench.server.next({ kind: 'reply-lost' }, { kind: 'cut-short' });
    assert.ok((await rejection(send(bench.output, ['one']))) instanceof RetryableError);
    const torn = send(bench.output, ['two']);
    if (subject.statusIsEnough === true) assert.equal(await torn, 'accepted');
    else assert.ok((await rejection(torn)) instanceof RetryableError);
  });

  test(`${name}: a destination that is not there is unreachable, and says where`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    const { port } = bench.server;
    await bench.server[Symbol.asyncDispose]();
    const error = await rejection(send(bench.output, ['one']));
    assertRetryable(error, 'OUTPUT_UNREACHABLE');
    assert.equal(error.brokenWhileSending, false);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });

  for (const kind of ['hang', 'drip'] as const)
    test(`${name}: an abort ends a request at once (${kind}) and frees its connection`, async () => {
      await using bench = await subject.open({ requestTimeoutMs: longMs });
      bench.server.next({ kind });
      const abort = new AbortController();
      const sent = rejection(send(bench.output, ['one'], abort.signal));
      await bench.server.started(1);
      abort.abort();
      await sent;
      await bench.server.disconnected();
    });

  test(`${name}: connections are kept for the next batch and closed by dispose`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    for (const line of ['a', 'b', 'c']) await send(bench.output, [line]);
    assert.equal(bench.server.connectionsMade, 1);
    await bench.output[Symbol.asyncDispose]();
    await bench.server.disconnected();
  });

  test(`${name}: a check against wrong credentials or a dead destination fails with its code`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    bench.server.always({ kind: 'reply', ...replies.unauthorised });
    assertRetryable(await rejection(bench.output.check(never)), 'OUTPUT_AUTH');
    await bench.server[Symbol.asyncDispose]();
    assertRetryable(await rejection(bench.output.check(never)), 'OUTPUT_UNREACHABLE');
  });

  test(`${name}: a check can be aborted`, async () => {
    await using bench = await subject.open({ requestTimeoutMs: longMs });
    bench.server.always({ kind: 'hang' });
    const abort = new AbortController();
    const checked = rejection(bench.output.check(abort.signal));
    await bench.server.started(1);
    abort.abort();
    await checked;
  });
}

/** The error of a promise that must reject, and that must not take longer than a test may wait. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const late = AbortSignal.timeout(20_000);
  const settled = promise.then(
    (value) => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  const error = await Promise.race([settled, once(late, 'abort').then(() => late)]);
  if (error === late) assert.fail('still pending after 20 s');
  if (error instanceof assert.AssertionError) throw error;
  return error;
}

function assertRetryable(error: unknown, code: ErrorCode): asserts error is RetryableError {
  assert.ok(error instanceof RetryableError, `not retryable: ${String(error)}`);
  assert.equal(error.code, code, error.message);
}
