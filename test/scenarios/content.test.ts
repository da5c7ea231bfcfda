import assert from 'node:assert/strict';
import { appendFile, open, writeFile } from 'node:fs/promises';
import { asObject } from '../support/bulk-api.js';
import { scenario, startAgent } from '../support/lab.js';
import { until } from '../support/until.js';

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

scenario('UTF-16 files of both byte orders become text, also when they grow by half a character', async () => {
  await using lab = await startAgent();
  const little = Buffer.from('\ufeffeins \u00e4\u{1f980}\r\nzwei\n', 'utf16le');
  for (let at = 0; at < little.length; at += 3) await lab.logs.append('little.log', little.subarray(at, at + 3));
  await lab.logs.append('big.log', bigEndian('\ufeffdrei \u0a0a\nvier\r\n'));
  await lab.delivered(['eins \u00e4\u{1f980}', 'zwei', 'drei \u0a0a', 'vier']);
});

scenario('a UTF-8 mark is no part of the first line, and carriage returns belong to the line ends', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_MULTILINE: 'off' } });
  await lab.logs.append('app.log', '\ufefffirst\r\nsecond\r\n\r\n  kept blanks  \r\nin\rside\n');
  await lab.delivered(['first', 'second', '  kept blanks  ', 'in\rside']);
});

scenario('invalid bytes are replaced, and the line arrives', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', Buffer.from('caf\xe9 \xf0\x9f\xa6 end\n', 'latin1'));
  await until(() => lab.server.stored.length === 1, { what: 'it arrives' });
  assert.match(String(lab.server.stored[0]?.document.message), /^caf\ufffd \ufffd+ end$/);
});

scenario('blank lines are left out and accounted for', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', '\n \t\none\n\r\n\n');
  await lab.delivered(['one']);
  const { outputs } = await lab.shows('all accounted', (health) => health.outputs.elasticsearch?.ledger.pending === 0);
  assert.deepEqual(outputs.elasticsearch?.ledger, {
    delivered: 4,
    dead_lettered: 0,
    left_out: 7,
    dropped: 0,
    pending: 0,
  });
});

scenario('the hole that a writer leaves after a truncation is skipped, whatever its size', async () => {
  await using lab = await startAgent();
  const holder = await open(lab.logs.at('app.log'), 'w');
  try {
    const first = Buffer.from('before the truncation\n'.repeat(20));
    await holder.write(first, 0, first.length, 0);
    lab.logs.written += first.length;
    await lab.delivered(Array.from({ length: 20 }, () => 'before the truncation'));
    await lab.logs.truncate('app.log');
    // The writer does not append: it goes on at its own offset, and the file begins with NULs.
    const second = Buffer.from('after\nand more\n');
    await holder.write(second, 0, second.length, 3_000_000);
    lab.logs.written += 3_000_000 + second.length;
    await lab.delivered([...Array.from({ length: 20 }, () => 'before the truncation'), 'after', 'and more']);
  } finally {
    await holder.close();
  }
});

scenario('an over-long line arrives in numbered parts that make the line again', async () => {
  await using lab = await startAgent({ env: { PANNIER_MAX_LINE_BYTES: '10KiB' } });
  const long = Array.from({ length: 9_000 }, (_, at) => `\u00e9${at}`).join(' ');
  await lab.logs.append('app.log', `short\n${long}\nafter\n`);
  await until(() => lab.server.messages().includes('after'), { what: 'all arrives' });
  await lab.caughtUp();
  const parts = lab.server.stored
    .map(({ document }) => ({ message: String(document.message), part: asObject(asObject(document.log)?.part) }))
    .filter(({ part }) => part !== undefined)
    .sort((a, b) => Number(a.part?.index) - Number(b.part?.index));
  assert.ok(parts.length >= 6);
  assert.equal(parts.map(({ message }) => message).join(''), long);
  assert.deepEqual(
    parts.map(({ part }) => part),
    parts.map((_, index) => ({ offset: 6, index, last: index === parts.length - 1 })),
  );
  assert.equal(lab.server.stored.length, parts.length + 2);
});

scenario('a line of 5 MiB passes through in parts of the default length', async () => {
  await using lab = await startAgent();
  const long = 'abcdefghijklmnop'.repeat(327_680);
  await lab.logs.append('app.log', `${long}\nafter\n`);
  await until(() => lab.server.messages().includes('after'), { what: 'all arrives' });
  await lab.caughtUp();
  assert.equal(
    lab.server
      .messages()
      .filter((message) => message !== 'after')
      .join(''),
    long,
  );
});

scenario('JSON lines are mapped, text stays text, in one file', async () => {
  await using lab = await startAgent({
    env: { PANNIER_FIELDS: 'team=payments,env=prod', POD_NAME: 'pay-7c9', POD_NAMESPACE: 'shop', NODE_NAME: 'n1' },
  });
  await lab.logs.append(
    'pay.log',
    'plain text\n{"ts":"2026-11-20T09:15:02.123Z","level":"ERROR","msg":"payment failed","order_id":77}\n',
  );
  await until(() => lab.server.stored.length === 2, { what: 'both arrive' });
  const record = lab.server.stored.find(({ document }) => document.order_id === 77)?.document;
  assert.deepEqual(record, {
    '@timestamp': '2026-11-20T09:15:02.123Z',
    message: 'payment failed',
    log: { level: 'error', file: { path: lab.logs.at('pay.log') }, offset: 11 },
    kubernetes: { namespace: 'shop', pod: { name: 'pay-7c9' }, node: { name: 'n1' } },
    team: 'payments',
    env: 'prod',
    order_id: 77,
  });
});

scenario('a file that only shrinks and grows around a line end is never read in halves', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_PARTIAL_LINE_TIMEOUT: '5m' } });
  await writeFile(lab.logs.at('app.log'), '');
  const expected: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    const line = `${'-'.repeat(at * 37)} ${at}`;
    expected.push(line);
    await appendFile(lab.logs.at('app.log'), line);
    await appendFile(lab.logs.at('app.log'), '\n');
    lab.logs.written += line.length + 1;
  }
  await lab.delivered(expected);
});
