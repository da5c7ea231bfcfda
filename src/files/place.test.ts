import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noAnchor } from './identity.js';
import { unsettledBytes } from './place.js';

test('unsettled bytes are those that neither the cursor nor the range above it has passed', () => {
  const at = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(at, at, at, at, at, fc.boolean(), (offset, gap, length, from, to, jumped) => {
      const start = offset + gap;
      const ahead = jumped ? { start, offset: start + length } : undefined;
      let expected = 0;
      for (let byte = from; byte < to; byte++)
        if (byte >= offset && !(jumped && byte >= start && byte < start + length)) expected += 1;
      assert.equal(unsettledBytes({ ...noAnchor, offset, ahead }, from, to), expected);
    }),
  );
  assert.equal(unsettledBytes(undefined, 3, 10), 7);
});
