import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredLetter } from '../delivery/stored-letter.js';
import { joiningOf } from '../joining.js';
import { DocumentWriter } from '../kernel/document.js';
import { writeItem } from '../kernel/item.js';
import { Slot } from '../kernel/slot.js';
import { parsersOf } from '../parsers-of.js';
import type { ItemLayout } from '../types/batch.js';
import { recordId } from '../types/record.js';
import { LetterReader } from './letter-reader.js';

const bulk: ItemLayout = {
  parts: [{ literal: '{"create":{"_id":"' }, 'id', { literal: '"}}\n' }, 'document', { literal: '\n' }],
  weight: 'encoded',
};
const event: ItemLayout = {
  parts: [{ literal: '{"timestamp":' }, 'time-ms', { literal: ',"message":' }, 'line', { literal: '},' }],
  weight: { lineAnd: 26 },
};
const statics = { host: { name: 'h1' }, team: 'pay' };
const fileId = '0123456789abcdef01234567';
const id = `${fileId}-10-60`;
const time = '2026-11-20T09:15:02.123Z';
const letter = (message: string, changes: Partial<StoredLetter> = {}): StoredLetter => ({
  time,
  output: 'es',
  id,
  path: '/var/log/app/a.log',
  offset: 10,
  tries: 1,
  code: 'RECORD_REFUSED',
  reason: 'mapping',
  message,
  ...changes,
});

/** The item of a letter, as it would be sent. */
async function itemOf(from: StoredLetter, item = bulk, format = 'auto'): Promise<string | undefined> {
  const settings = { format, timezone: 'UTC', maxLineBytes: 1e6, multilineMaxBytes: 1e6 };
  const makeParser = parsersOf(settings, 4e6, await joiningOf({ multiline: 'auto' }), undefined);
  const reader = new LetterReader({
    item,
    makeParser,
    pipeline: undefined,
    statics,
    timezone: 'UTC',
    birthMsOf: () => undefined,
  });
  const record = reader.read(from);
  if (record === undefined) return undefined;
  assert.equal(recordId(record), from.id);
  const slot = new Slot({ bytes: 1e6, records: 1, document: new DocumentWriter(statics) });
  writeItem(item, record, slot.writer);
  assert.ok(slot.endItem(record.file, record.timeMs));
  return slot.items(0, 1).body.toString('utf8');
}

async function documentOf(from: StoredLetter, format?: string): Promise<Record<string, unknown>> {
  const item = await itemOf(from, bulk, format);
  return JSON.parse(item!.split('\n')[1]!) as Record<string, unknown>;
}

test('a line is parsed again: its time, level and members are there, under the place it had', async () => {
  const line = '{"time":"2026-01-02T03:04:05Z","level":"warn","msg":"no","big":12345678901234567890}';
  assert.match((await itemOf(letter(line)))!, /"big":12345678901234567890/);
  const document = await documentOf(letter(line));
  assert.equal(document['@timestamp'], '2026-01-02T03:04:05.000Z');
  assert.equal(document['message'], 'no');
  assert.deepEqual(document['log'], { level: 'warn', file: { path: '/var/log/app/a.log' }, offset: 10 });
  assert.deepEqual(document['host'], { name: 'h1' });
});

test('a line without a time takes the letter’s', async () => {
  assert.equal((await documentOf(letter('plain words')))['@timestamp'], time);
});

test('the lines of a joined record are one record again', async () => {
  const trace = 'Exception in thread "main" java.lang.Error: no\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)';
  const document = await documentOf(letter(trace, { id: `${fileId}-10-60+89abcdef0123456789abcdef-0-9` }));
  assert.equal(document['message'], trace);
});

test('what does not give exactly one record goes as text', async () => {
  assert.equal((await documentOf(letter('a,b,c'), 'csv'))['message'], 'a,b,c', 'a CSV line without its header');
  const two = '{"msg":"one"}\n{"msg":"two"}';
  assert.equal((await documentOf(letter(two)))['message'], two);
  const part = letter('{"msg":"half', { id: `${id}-3` });
  assert.equal((await documentOf(part))['message'], '{"msg":"half');
  assert.equal((await documentOf(letter('')))['message'], '');
});

test('a letter that holds the item as it was sent gives that item again', async () => {
  const line =
    '{"time":"2026-01-02T03:04:05.678901Z","level":"warn","msg":"no","n":1.0,"log":{"logger":"x"},"host":{"up":true}}';
  const item = (await itemOf(letter(line)))!;
  assert.equal(await itemOf(letter(item)), item);
  const text = (await itemOf(letter('words')))!;
  assert.equal(await itemOf(letter(text)), text);
  const sent = (await itemOf(letter('2026-01-02T03:04:05Z "quoted" words'), event))!;
  assert.equal(await itemOf(letter(sent), event), sent);
});

test('a line that only looks like an item of another record is a line', async () => {
  const other = (await itemOf(letter('words', { id: `${fileId}-70-80` })))!;
  assert.equal((await documentOf(letter(other)))['message'], other);
  const document = { '@timestamp': time, message: 'm', log: { file: { path: '/etc/passwd' }, offset: 3 } };
  const log = (await documentOf(letter(JSON.stringify(document))))['log'];
  assert.deepEqual(log, { file: { path: '/var/log/app/a.log' }, offset: 10 });
});

test('bytes that were no text are read as they were', async () => {
  const raw = Buffer.from([0x61, 0xff, 0x62]);
  const document = await documentOf(letter(raw.toString('utf8'), { bytes: raw.toString('base64') }));
  assert.equal(document['message'], 'a\ufffdb');
});

test('an id that none of ours is gives nothing', async () => {
  for (const strange of ['', 'x', `${fileId}-1`, `${fileId}-1-2"},"_index":"other`, `${fileId}-1-2\n`])
    assert.equal(await itemOf(letter('words', { id: strange })), undefined, strange);
});
