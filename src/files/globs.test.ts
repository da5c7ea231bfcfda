import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInside, pathMatcher, rootOf, rootsOf } from './globs.js';

test('a root is the longest prefix of whole parts without a wildcard', () => {
  for (const [glob, root] of [
    ['/var/log/app/**/*.log', '/var/log/app'],
    ['/var/log/a*', '/var/log'],
    ['/var/log/{a,b}/*.log', '/var/log'],
    ['/var/log/app/one.log', '/var/log/app'],
    ['/*.log', '/'],
    ['/var/log/app[12]/x', '/var/log'],
  ] as const)
    assert.equal(rootOf(glob), root, glob);
});

test('no root lies inside another, and a name is not taken for a folder', () => {
  assert.deepEqual(rootsOf(['/a/*.log', '/a/b/*.log', '/ab/*.log', '/a/*.txt']), ['/a', '/ab']);
  assert.ok(isInside('/a/b', '/a') && isInside('/a', '/a') && isInside('/a', '/'));
  assert.ok(!isInside('/ab', '/a') && !isInside('/', '/a'));
});

test('hidden files match, exclusions win, and a star stays in its folder', () => {
  const matches = pathMatcher(['/l/**/*.log', '/m/*.log'], ['**/*.tmp.log', '/l/no/**']);
  for (const path of ['/l/a.log', '/l/.a.log', '/l/.d/b/c.log', '/m/a.log']) assert.ok(matches(path), path);
  for (const path of ['/l/a.log.1', '/l/a.tmp.log', '/l/no/a.log', '/m/d/a.log', '/x/a.log'])
    assert.ok(!matches(path), path);
});
