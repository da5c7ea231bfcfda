import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLinear, patternFlaw } from './linear-regex.js';

test('a match says where it is and what its named groups are', async () => {
  const regex = await compileLinear('(?<day>\\d+)-(?P<mark>x)?(?<__proto__>y)');
  assert.deepEqual(regex.names, ['day', 'mark', '__proto__']);
  const match = regex.exec('é😀 12-y 3-xy');
  assert.deepEqual(
    { ...match },
    {
      index: 4,
      end: 8,
      groups: new Map([
        ['day', '12'],
        ['__proto__', 'y'],
      ]),
    },
  );
  assert.equal(regex.exec('é😀 12-y 3-xy', 8)?.index, 9);
  assert.equal(regex.exec('12-y', 1)?.index, 1);
  assert.equal(regex.exec('12-y', 5), undefined);
  assert.equal(regex.test('12-y'), true);
  assert.equal(regex.test('12-z'), false);
});

test('what stands before the place where a search begins is looked at', async () => {
  assert.equal((await compileLinear('^a')).exec('ba', 1), undefined);
  assert.equal((await compileLinear('\\ba')).exec('ba', 1), undefined);
});

const flaws: readonly (readonly [string, string])[] = [
  ['ab(c', 'missing closing ) at character 3'],
  ['a(b)[(]\\(c(d(e)', 'missing closing ) at character 11'],
  ['a)b', 'unexpected ) at character 2'],
  ['[)])', 'unexpected ) at character 4'],
  ['a**', 'invalid nested repetition operator at character 2'],
  ['ab(?=x)', 'invalid or unsupported Perl syntax at character 3'],
  ['(a)\\1', 'invalid escape sequence at character 4'],
  ['(?<n>a)(?<n>b)', 'duplicate capture group name at character 11'],
  ['ab\\', 'trailing backslash at end of expression at character 3'],
  ['x[z-a]', 'invalid character class range at character 3'],
];

test('a flaw in a pattern is named with its place', async () => {
  for (const [pattern, expected] of flaws) {
    assert.equal(await patternFlaw(pattern), expected, pattern);
    await assert.rejects(compileLinear(pattern), Error, pattern);
  }
  assert.equal(await patternFlaw('(?i)ok'), undefined);
});

test('any text as a pattern is compiled or refused with a place that is in it', () =>
  fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), fc.string(), async (pattern, text) => {
      const place = /at character (\d+)$/.exec((await patternFlaw(pattern)) ?? 'at character 1')?.[1];
      assert.ok(Number(place) >= 1 && Number(place) <= pattern.length, place);
      if ((await patternFlaw(pattern)) === undefined) (await compileLinear(pattern)).exec(text);
    }),
  ));

test('nested quantifiers on a megabyte come to an end', async () => {
  // Backtracking would take 2^n steps here, or n^2, which is 10^12: this test would not end.
  const text = `${'a'.repeat(1 << 20)}b`;
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*)*x', '^(?:(?<x>a+)+,?)+$'])
    assert.equal((await compileLinear(pattern)).exec(text), undefined, pattern);
});
