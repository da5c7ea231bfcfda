import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { escapeDocument, viewOf } from './escape-document.js';

/** The document in the middle of other bytes, and where its escaped form goes likewise. */
function escaped(document: string, before: number): string {
  const source = Buffer.from(`${'"'.repeat(before)}${document}"\\"`);
  const from = before;
  const to = before + Buffer.byteLength(document);
  const target = Buffer.alloc(before + 2 * (to - from) + 1, '#');
  const end = escapeDocument(viewOf(source), from, to, viewOf(target), before);
  assert.match(target.toString('latin1', 0, before), /^#*$/, 'nothing is written before');
  assert.match(target.toString('latin1', end), /^#+$/, 'nothing is written behind');
  return target.toString('utf8', before, end);
}

test('a document becomes what JSON.stringify makes of it, wherever it lies', () => {
  const document = fc.oneof(
    fc.json(),
    // Specials close together and in every place of a word, bytes beside them in value, and bytes with the high bit.
    fc.string({ unit: fc.constantFrom('"', '\\', '!', '#', '[', ']', '\x7f', 'a', 'é', '€', '😀'), maxLength: 40 }),
  );
  fc.assert(
    fc.property(document, fc.nat(5), (text, before) => {
      assert.equal(`"${escaped(text, before)}"`, JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
});
