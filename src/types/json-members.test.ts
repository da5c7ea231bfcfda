import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitMembers } from './json-members.js';

/** An object's members as `JSON.parse` sees them, without building on `__proto__`. */
const parsed = (json: string): Map<string, unknown> => new Map(Object.entries(JSON.parse(json) as object));

const joined = (json: string): Map<string, unknown> | undefined => {
  const members = splitMembers(json);
  return members && new Map(members.map(({ key, json: value }) => [key, JSON.parse(value)]));
};

test('members of any object are those that JSON.parse finds, however it is indented', () => {
  const object = fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('__proto__')), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.constantFrom(undefined, 1, '\t', '  '), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.deepEqual(joined(text), parsed(text));
    }),
  );
});

test('any text yields members exactly when JSON.parse finds an object in it', () => {
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '"a"',
      '"b":',
      '1',
      '-2.50e7',
      'true',
      'null',
      ' ',
      '\n',
      '\\"',
      'é',
      '\\u0041',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const text of [pieces.join(''), `{${pieces.join('')}}`, `{"k":${pieces.join('')}}`]) {
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          // Not JSON: no members.
        }
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        assert.deepEqual(joined(text), isObject ? parsed(text) : undefined);
      }
    }),
    { numRuns: 2000 },
  );
});

test('values keep the text they came in, and the last of two equal keys counts at the place of the first', () => {
  assert.deepEqual(splitMembers(' { "a" : 12345678901234567890 , "\\u0062":[ 1.0,"]\\\\" ],"a" :1e3\t,"c":"\\"}" } '), [
    { key: 'a', json: '1e3' },
    { key: 'b', json: '[ 1.0,"]\\\\" ]' },
    { key: 'c', json: '"\\"}"' },
  ]);
});

test('a line of very deep nesting or of very many backslashes is split in linear time', { timeout: 10_000 }, () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  assert.deepEqual(splitMembers(`{"deep":${deep}}`), [{ key: 'deep', json: deep }]);
  const slashes = `"${'\\\\'.repeat(500_000)}"`;
  assert.deepEqual(splitMembers(`{"s":${slashes}}`), [{ key: 's', json: slashes }]);
  const quotes = `"${'\\"'.repeat(500_000)}"`;
  assert.deepEqual(splitMembers(`{"q":${quotes}}`), [{ key: 'q', json: quotes }]);
});
