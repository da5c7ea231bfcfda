import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chosenAnnotations, longestAnnotation, matches } from './annotations.js';
import { unquoteGo } from './go-quoted.js';
import { parseLabels } from './labels.js';

test('text that Go quoted is read with all its escapes', () => {
  assert.equal(
    unquoteGo(String.raw`"a\a\b\f\n\r\t\v\\\"\x01\u00e9\U0001f600é"`),
    'a\u0007\b\f\n\r\t\v\\"\u0001é\u{1f600}é',
  );
  assert.equal(unquoteGo('""'), '');
  for (const text of [
    '',
    '"',
    'a',
    '"a',
    'a"',
    '"\\"',
    '"\\q"',
    '"\\x1"',
    '"\\U00110000"',
    '"a"b"',
    '"\\u12"',
    '"\\x+1"',
  ])
    assert.equal(unquoteGo(text), undefined, text);
});

test('whatever JSON quotes without its own \\u escapes of pairs is read as JSON reads it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(unquoteGo(JSON.stringify(text).replaceAll('\\/', '/')), text);
    }),
  );
});

test('nothing makes the readers throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, pattern) => {
      unquoteGo(text);
      parseLabels(`a="${text}"\n${text}`);
      matches(pattern, text);
    }),
  );
});

test('only the annotations that are asked for are taken, by name or pattern', () => {
  const text = 'example.com/owner="ann"\nexample.com/team="pay"\nother="x"\n';
  const keys = (...patterns: string[]): string[] => Object.keys(chosenAnnotations(text, patterns));
  assert.deepEqual(keys(), []);
  assert.deepEqual(keys('other'), ['other']);
  assert.deepEqual(keys('example.com/*'), ['example.com/owner', 'example.com/team']);
  assert.deepEqual(keys('*/t?am', 'othe'), ['example.com/team']);
  assert.deepEqual(keys('*').length, 3);
});

test('annotations that would fill every record are left out', () => {
  const long = 'x'.repeat(longestAnnotation);
  assert.deepEqual(Object.keys(chosenAnnotations(`a="${long}x"\nb="${long}"`, ['*'])), ['b']);
  const many = Array.from({ length: 20 }, (_, n) => `key-${n}="${long}"`).join('\n');
  assert.equal(Object.keys(chosenAnnotations(many, ['*'])).length, 7);
});

test('a pattern matches as its regular expression does, in linear steps', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 6 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      assert.equal(matches(pattern, text), expected.test(text));
    }),
  );
  // With a step back for each star it would not end in this world's time.
  assert.equal(matches(`${'a*'.repeat(200)}b`, 'a'.repeat(20_000)), false);
});
