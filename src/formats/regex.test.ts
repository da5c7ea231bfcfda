import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLinear } from '../linear-regex.js';
import { createParser } from './parser.js';
import { regexFormat } from './regex.js';
import { parseLines, textOf } from './testing.js';

const parserOf = async (pattern: string) => {
  const own = regexFormat(await compileLinear(pattern));
  return createParser('regex', { timezone: 'UTC', remembered: '', maxGroupBytes: 1 << 20, own });
};

test('lines that belong together: the first is matched, the others go on with its message', async () => {
  const parser = await parserOf('^(?<level>[A-Z]+) (?<message>.*)$');
  const [record] = parseLines(parser, ['ERROR boom\n\tat a\n\tat b']).records;
  assert.equal(record?.level, 'error');
  assert.equal(record.message, 'boom\n\tat a\n\tat b');
});

test('without a group that is a message the text stays the message, so that nothing is lost', async () => {
  const [record] = parseLines(await parserOf('^(?<level>[A-Z]+) '), ['ERROR boom']).records;
  assert.equal(record?.level, 'error');
  assert.equal(record.message, undefined);
  assert.equal(textOf(record), 'ERROR boom');
});

test('no line makes it throw or changes the text', async () => {
  const parser = await parserOf('(?<a>(x+x+)+)(?<message>y?)');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const line = Buffer.from(bytes);
      const [record] = parseLines(parser, [line]).records;
      assert.deepEqual(record?.text, line);
    }),
  );
});
