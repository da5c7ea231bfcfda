import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absoluteExclusion, absoluteGlob, reads } from './globs.js';

const path = (glob: string, cwd = '/srv'): string => {
  const parsed = absoluteGlob(glob, cwd);
  assert.ok('value' in parsed, JSON.stringify(parsed));
  return parsed.value;
};

test('a relative glob begins at the working directory, whatever characters that has', () => {
  assert.equal(path('logs/**/*.log', '/srv'), '/srv/logs/**/*.log');
  assert.equal(path('./*.log', '/srv'), '/srv/*.log');
  assert.equal(path('../x/*.log', '/srv/app'), '/srv/x/*.log');
  assert.equal(path('x.log', '/srv/app'), '/srv/app/x.log');
  assert.ok(reads([path('*.log', '/srv/a(b) [c]')], [])('/srv/a(b) [c]/x.log'));
  assert.ok(!reads([path('*.log', '/srv/a*')], [])('/srv/abc/x.log'));
});

test('an absolute glob keeps its wildcards and loses its dots', () => {
  assert.equal(path('/var/log/{a,b}/*.log'), '/var/log/{a,b}/*.log');
  assert.equal(path('/var/./log/../log/app/*.log'), '/var/log/app/*.log');
});

test('globs that would read the whole machine or its devices are refused', () => {
  const refused = [
    '/**',
    '/*.log',
    '/x.log',
    '/',
    '/proc/**',
    '/proc',
    '/sys/*',
    '/dev/**',
    '//proc/*',
    '/var/../proc/*',
    '/{proc,sys}/*',
    '/./**',
  ];
  for (const glob of refused) assert.ok('problem' in absoluteGlob(glob, '/srv'), glob);
  assert.ok('problem' in absoluteGlob('**/*.log', '/'));
  assert.equal(path('/dev/shm/logs/*.log'), '/dev/shm/logs/*.log');
});

test('a negated glob and one with ".." after a wildcard are refused', () => {
  assert.ok('problem' in absoluteGlob('!/var/log/*', '/srv'));
  assert.ok('problem' in absoluteGlob('/var/*/../proc/*', '/srv'));
  assert.ok('problem' in absoluteExclusion('!*.gz', '/srv'));
});

test('an exclusion matches at any depth unless it says where it begins', () => {
  const excluded = (glob: string, file: string): boolean => {
    const parsed = absoluteExclusion(glob, '/srv');
    assert.ok('value' in parsed);
    return !reads(['/**'], [parsed.value])(file);
  };
  assert.ok(excluded('*.gz', '/var/log/a/b.gz'));
  assert.ok(excluded('**/*.gz', '/var/log/a/b.gz'));
  assert.ok(excluded('debug/*.log', '/var/log/debug/b.log'));
  assert.ok(excluded('/var/log/x/**', '/var/log/x/y.log'));
  assert.ok(excluded('./tmp/*', '/srv/tmp/a'));
  assert.ok(!excluded('./tmp/*', '/var/tmp/a'));
});

test('hidden files match', () => {
  assert.ok(reads(['/var/log/**/*.log'], [])('/var/log/.hidden/.x.log'));
});
