import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf } from './trace-ids.js';

const id32 = '0af7651916cd43dd8448eb211c80319c';

test('ids are 16 or 32 hexadecimal digits, a UUID, or a decimal number of Datadog', () => {
  const ids = [id32, id32.toUpperCase(), 'b7ad6b7169203331', '0af76519-16cd-43dd-8448-eb211c80319c'];
  for (const id of ids) assert.equal(idOf('trace_id', JSON.stringify(id)), JSON.stringify(id));
  assert.equal(idOf('dd.trace_id', '4402113894526372211'), '"4402113894526372211"');
  assert.equal(idOf('dd.trace_id', '"7"'), '"7"');
});

test('a path of Google Cloud becomes the id in it', () => {
  const key = 'logging.googleapis.com/trace';
  assert.equal(idOf(key, `"projects/shop-1/traces/${id32}"`), `"${id32}"`);
  assert.equal(idOf(key, `"${id32}"`), `"${id32}"`);
  assert.equal(idOf(key, `"projects/a/b/traces/${id32}"`), undefined);
  assert.equal(idOf(key, '"projects/shop/traces/4bf9"'), undefined);
});

test('what says nothing is no id', () => {
  const others = ['""', '"none"', `"${'0'.repeat(32)}"`, '"0000000000000000"', '12', '{}', '[]', 'null', `"${id32}0"`];
  for (const json of [...others, '"4402113894526372211"', `" ${id32}"`, `"${'a'.repeat(1 << 16)}"`])
    assert.equal(idOf('trace_id', json), undefined, json.slice(0, 60));
  for (const json of ['0', '-1', '1.5', '"0"', `"${'1'.repeat(21)}"`])
    assert.equal(idOf('dd.span_id', json), undefined);
});
