import assert from 'node:assert/strict';
import test from 'node:test';
import { settings as elasticsearch } from '../../outputs/elasticsearch/settings.js';
import { settings as http } from '../../outputs/http/settings.js';

test('an index that Elasticsearch would refuse, or a placeholder that does not exist, is a problem', () => {
  const problem = (index: string) => elasticsearch.index.check?.(index);
  for (const good of [
    'logs-pannier-default',
    'logs-{service}-{yyyy.MM.dd}',
    '{field:a.b}-x',
    '.hidden',
    'größe',
    'a.b_c+d',
  ])
    assert.equal(problem(good), undefined, good);
  const bad = [
    'Logs',
    '-a',
    '_a',
    '+a',
    'a/b',
    'a\\b',
    'a*',
    'a?',
    'a"b',
    'a<b',
    'a>b',
    'a|b',
    'a b',
    'a,b',
    'a#b',
    'a:b',
    '.',
    '..',
  ];
  for (const index of [...bad, '', 'a\u0000b', '{nope}', '{pod', 'x'.repeat(256)])
    assert.notEqual(problem(index), undefined, index);
});

test('a secret that no header can carry is a problem, and is not repeated', () => {
  assert.equal(elasticsearch.apiKey.check?.('abc=='), undefined);
  const problem = elasticsearch.apiKey.check?.('se\ncret') ?? '';
  assert.match(problem, /line end/);
  assert.doesNotMatch(problem, /cret/);
});

test('a URL for http is http or https and holds no credentials', () => {
  const problem = (url: string) => http.url.check?.(url);
  for (const good of ['http://a', 'https://a:1/b?c=d', 'http://[::1]:9/']) assert.equal(problem(good), undefined, good);
  for (const bad of ['', 'a', 'ftp://a', 'file:///etc/passwd']) assert.match(problem(bad) ?? '', /not an http/, bad);
  assert.match(problem('https://u:secret@a') ?? '', /HEADERS/);
  assert.doesNotMatch(problem('https://u:secret@a') ?? '', /secret/);
});

test('headers that are none, or that the output sets itself, are a problem told without their value', () => {
  const problem = (headers: Record<string, string>) => http.headers.check?.(headers);
  assert.equal(problem({ Authorization: 'Bearer x', 'X-Scope-OrgID': 'a b' }), undefined);
  assert.match(problem({ 'a b': 'secret' }) ?? '', /"a b" is not the name/);
  assert.match(problem({ 'Content-Length': '3' }) ?? '', /set by the output/);
  assert.match(problem({ A: 'se\r\nHost: evil' }) ?? '', /^the value of A/);
  assert.doesNotMatch(problem({ A: 'se\r\nHost: evil' }) ?? '', /evil/);
});
