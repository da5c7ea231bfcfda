import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { refused, sampleNowMs, sampleOutput, sampleStatus } from '../../test/support/sample-status.js';
import { escapeHtml, humanBytes, humanSeconds } from './html.js';
import { pagePolicy, statusPage } from './status-page.js';
import type { AgentStatus } from '../types/stats.js';

const page = (changes: Partial<AgentStatus>, full = true) => statusPage(sampleStatus(changes), full, sampleNowMs);

test('the page says first what is wrong and what to do, then how each output stands', () => {
  const html = page({
    outputs: [sampleOutput('es', refused, { lagBytes: 3 * 1024 * 1024, lagSeconds: 125 }), sampleOutput('stdout')],
    reasons: [{ code: 'OUTPUT_UNREACHABLE', output: 'es', message: 'nobody answers', action: 'Start it.' }],
  });
  const words = [
    'Degraded',
    'OUTPUT_UNREACHABLE',
    'nobody answers',
    'Start it.',
    '>retrying<',
    '3.0 MiB',
    '2 min',
    'ECONNREFUSED',
  ];
  const places = words.map((word) => html.indexOf(word));
  assert.ok(
    places.every((at) => at > 0),
    places.join(' '),
  );
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.match(page({}), /OK: everything is being shipped/);
  assert.match(page({ failing: true }), /Failing: nothing can be shipped/);
});

/** A page on which every text that comes from outside is `text`. */
const pageOf = (text: string) =>
  page({
    version: text,
    configHash: text,
    outputs: [sampleOutput(text, { ...refused, lastError: { code: 'OUTPUT_AUTH', message: text, atMs: 0, count: 1 } })],
    reasons: [{ code: 'OUTPUT_AUTH', output: text, message: text, action: text }],
    files: [
      {
        path: text,
        format: text,
        parsedShare: undefined,
        size: 1,
        state: 'open',
        outputs: { [text]: { offset: 0, lagBytes: 1 } },
      },
    ],
  });

test('no path, message or name becomes markup or turns the text around, whatever it holds', () => {
  const tags = (html: string): number => html.replaceAll('<br>', '').split('<').length;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (noise) => {
      const html = pageOf(`x${noise}<script>"'&\u202e\u0007</td>${noise}`);
      assert.equal(tags(html), tags(pageOf('x')));
      assert.doesNotMatch(html, /[^\P{C}\n\p{Cn}\p{Co}]/u);
    }),
    { numRuns: 50 },
  );
});

test('a list of problems keeps its lines', () => {
  const reasons = [
    { code: 'CONFIG_INVALID' as const, output: '', message: '2 problems:\n  A: <x>\n  B', action: 'Mend.' },
  ];
  assert.ok(page({ reasons, failing: true }).includes('2 problems:<br>  A: &#60;x&#62;<br>  B'));
});

test('outside loopback the page has no path and no words of a server', () => {
  const html = page(
    {
      outputs: [sampleOutput('es', refused)],
      files: [{ path: '/secret.log', format: 'raw', parsedShare: undefined, size: 1, state: 'open', outputs: {} }],
      filesTotal: 1,
    },
    false,
  );
  assert.doesNotMatch(html, /secret|ECONNREFUSED|What to do/);
  assert.match(html, /OUTPUT_UNREACHABLE/);
});

test('the page loads nothing, runs nothing, renews itself, and its policy allows its one style only', () => {
  const html = page({ outputs: [sampleOutput('es')] });
  assert.doesNotMatch(html, /<(script|link|img|iframe|form)|\son\w+=|style=|url\(/i);
  assert.match(html, /<meta http-equiv="refresh" content="5">/);
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? '';
  assert.ok(pagePolicy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`));
  assert.match(pagePolicy, /^default-src 'none';/);
});

test('files with most lag come first', () => {
  const file = (path: string, lagBytes: number) => ({
    path,
    format: 'raw',
    parsedShare: 0.999,
    size: 100,
    state: 'open' as const,
    outputs: { es: { offset: 0, lagBytes }, http: { offset: 0, lagBytes: 0 } },
  });
  const html = page({ files: [file('/little', 1), file('/most', 90), file('/some', 20)], filesTotal: 5 });
  const order = ['/most', '/some', '/little'].map((path) => html.indexOf(path));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.match(html, /The 3 of 5 with most lag/);
});

test('characters that hide or turn text are shown as what they are', () => {
  assert.equal(escapeHtml('a\u202eb\u0000\n\ud800'), 'a\\u{202E}b\\u{0}\\u{A}\\u{D800}');
  assert.equal(escapeHtml('é 😀 <b>'), 'é 😀 &#60;b&#62;');
});

test('figures are short', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 20 * 1024, 3 * 1024 ** 3, 5000 * 1024 ** 4].map(humanBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '20 KiB',
    '3.0 GiB',
    '5000 TiB',
  ]);
  assert.deepEqual([-3, 0.4, 99, 120, 7200, 300_000].map(humanSeconds), ['0 s', '0 s', '99 s', '2 min', '2 h', '3 d']);
});
