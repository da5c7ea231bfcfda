import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { ControlError } from '../types/control.js';

/** What a request may bring: names, globs, an offset. */
const maxBodyBytes = 64 * 1024;

/** The request's JSON; undefined when its body is empty. @throws ControlError 413 when it is too long, 400 when it is no JSON. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new ControlError(413, `a request may have ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlError(400, 'the body is no JSON');
  }
}

/** Answers with one JSON value and ends. */
export function answerJson(response: ServerResponse, code: number, value: unknown): void {
  const body = `${JSON.stringify(value ?? null)}\n`;
  response.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Sends one JSON line for each value, as fast as the caller reads. A failure after the first line can't change the answer's code any more: it is the
 * last line, `{"error": …}`, and it is thrown on.
 */
export async function answerLines(
  response: ServerResponse,
  values: AsyncIterable<unknown>,
  gone: AbortSignal,
): Promise<void> {
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  };
  try {
    for await (const value of values) {
      if (gone.aborted) return;
      begin();
      if (!response.write(`${JSON.stringify(value)}\n`)) await once(response, 'drain', { signal: gone });
    }
  } catch (error) {
    if (gone.aborted) return;
    if (response.headersSent) response.end(`${JSON.stringify({ error: { message: wordsOf(error) } })}\n`);
    throw error;
  }
  begin();
  response.end();
}

/** What a caller is told: a bug's own words are for the log. */
export const wordsOf = (error: unknown): string =>
  error instanceof ControlError ? error.message : 'internal error; see the log of the agent';
