import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { RetryableError } from '../../src/types/errors.js';
import { openDeafPort } from '../support/deaf-port.js';
import { httpTypes, openOutput, sent } from '../support/http-outputs.js';

before(() => {
  process.env.NO_PROXY = '127.0.0.1';
});

for (const type of httpTypes)
  test(`${type}: a connection that never comes is given up after CONNECT_TIMEOUT, and tried again`, async () => {
    await using deaf = await openDeafPort();
    await using output = await openOutput(type, `http://127.0.0.1:${deaf.port}`, {
      connectTimeoutMs: 200,
      requestTimeoutMs: 60_000,
    });
    const error = await sent(output);
    assert(error instanceof RetryableError, String(error));
    assert.equal(error.code, 'OUTPUT_TIMEOUT');
    assert.match(error.message, /no connection/, 'not the time-out of the whole request');
  });
