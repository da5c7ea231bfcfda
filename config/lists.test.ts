import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mapOf, parseList, parseMap, parseMapFile } from './lists.js';
import type { Parsed } from './values.js';

const value = <T>(parsed: Parsed<T>): T => {
  assert.ok('value' in parsed, JSON.stringify(parsed));
  return parsed.value;
};

test('a list is split at commas, blanks around items are cut and empty items left out', () => {
  assert.deepEqual(value(parseList(' a, b ,,c,')), ['a', 'b', 'c']);
  assert.deepEqual(value(parseList('')), []);
});

test('a comma inside brackets or double quotes does not separate', () => {
  assert.deepEqual(value(parseList('/var/log/{a,b}/*.log,/x/[,;].log,/y/@(c,d)')), [
    '/var/log/{a,b}/*.log',
    '/x/[,;].log',
    '/y/@(c,d)',
  ]);
  assert.deepEqual(value(parseList('"a,b",c')), ['a,b', 'c']);
  assert.deepEqual(value(parseList('{a,"}",{b,c}},d')), ['{a,"}",{b,c}}', 'd']);
  assert.deepEqual(value(parseList('http://[::1]:9200,http://b')), ['http://[::1]:9200', 'http://b']);
});

test('a bracket that is never closed is a problem, not one long item; one that was never opened is text', () => {
  for (const text of ['a,{b,c', 'a,[b', '(a', '"a,b']) assert.ok('problem' in parseList(text), text);
  assert.deepEqual(value(parseList('a},b)')), ['a}', 'b)']);
  assert.deepEqual(value(parseList('"a(b",c')), ['a(b', 'c']);
});

test('a map is split at the first "=" of each item', () => {
  assert.deepEqual(value(parseMap('team=payments, env = prod ,q=a=b')), { team: 'payments', env: 'prod', q: 'a=b' });
  assert.deepEqual(value(parseMap('Authorization=Bearer x')), { Authorization: 'Bearer x' });
  assert.deepEqual(value(parseMap('a="1,2","b=3,4"')), { a: '1,2', b: '3,4' });
});

test('a key without a value is unset', () => {
  assert.deepEqual(value(parseMap('a=,b=1,c=""')), { b: '1' });
});

test('a map refuses what has no key, no "=", the same key twice, or a prototype for a key', () => {
  for (const text of ['a', '=b', 'a=1,a=2', '__proto__=x']) assert.ok('problem' in parseMap(text), text);
  assert.deepEqual(Object.keys(value(parseMap('constructor=x'))), ['constructor']);
});

test('problems of a map count its items and never quote them', () => {
  const parsed = parseMap('Authorization=Bearer one,hunter2');
  assert.ok('problem' in parsed);
  assert.equal(parsed.problem, 'item 2 has no "="');
});

test('a file with a map has a header per line, or the string form', () => {
  assert.deepEqual(value(parseMapFile('Authorization: Bearer a=b\r\nX-Scope: c, d\n\n')), {
    Authorization: 'Bearer a=b',
    'X-Scope': 'c, d',
  });
  assert.deepEqual(value(parseMapFile('Authorization=Bearer x,X-Url=http://h')), {
    Authorization: 'Bearer x',
    'X-Url': 'http://h',
  });
  const parsed = parseMapFile('A: b\nnonsense\n');
  assert.ok('problem' in parsed && parsed.problem.startsWith('line 2: '), JSON.stringify(parsed));
});

test('a line end in a value of a map would forge a header, and is refused', () => {
  assert.ok('problem' in mapOf([['A', 'b\r\nC: d']]));
});

test('plain items survive joining and splitting, and no text makes the splitter throw', () => {
  const item = fc.stringMatching(/^[a-z*?/.{}]{1,8}$/).filter((text) => !/[{}]/.test(text));
  fc.assert(fc.property(fc.array(item), (items) => assert.deepEqual(value(parseList(items.join(','))), items)));
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      parseList(text);
      parseMap(text);
      parseMapFile(text);
    }),
  );
});

test('the items of a list never lose a character other than commas, quotes and blanks', () => {
  const characters = (text: string): string => text.replace(/[\s,"]/g, '');
  fc.assert(
    fc.property(fc.stringMatching(/^[ab{}[\]()", ]*$/), (text) => {
      const parsed = parseList(text);
      if ('value' in parsed) assert.equal(characters(parsed.value.join('')), characters(text));
    }),
  );
});
