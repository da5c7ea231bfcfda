import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Redactor } from '../../src/processing/redact/redactor.js';
import { candidates, bitOf } from '../../src/processing/redact/candidates.js';
import { keyedHash, mask } from '../../src/processing/redact/replacement.js';
import { redactRecord } from '../../src/processing/redact/redact-record.js';
import { redactionNames } from '../../src/types/redaction-names.js';
import { newRecord } from '../../src/types/record.js';
import { planted } from '../support/secrets.js';

const options = { kinds: redactionNames, patterns: new Map() };
const redactors = [
  new Redactor({ ...options, replace: mask }),
  new Redactor({ ...options, replace: keyedHash('property-tests-key') }),
];

const crumbs = [
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1NiJ9',
    '.',
    '..',
    'Bearer ',
    'basic ',
    'Authorization: ',
    '://',
    'a:b@',
    '@',
    'x.yz',
  ],
  ...[
    'AKIA',
    'AIza',
    'ghp_',
    'xoxb-',
    'secret_access_key',
    '=',
    ':',
    '::',
    '4111',
    '4111111111111111',
    ' ',
    '-',
    '10.0.0.1',
    'fe80::1',
    '\\u0040',
    '%40',
    '\\',
    '"',
    '{',
    '}',
    '[',
    ']',
  ],
  ...['[redacted:email]', '[redacted:', '[email:abcdabcdabcdabcd]', '\n', 'é', '\ud800', '\0', '1e15', 'A'.repeat(20)],
];
const crumb = fc.oneof(
  fc.constantFrom(...crumbs),
  fc.string({ maxLength: 6 }),
  fc.constantFrom(...planted.map(({ line }) => line)),
);
const text = fc.array(crumb, { maxLength: 14 }).map((pieces) => pieces.join(''));

test('redacting twice is redacting once, for any text, and nothing throws', () => {
  fc.assert(
    fc.property(text, (line) => {
      for (const redactor of redactors) {
        for (const way of ['text', 'json', 'any'] as const) {
          const once = redactor[way](line);
          assert.equal(redactor[way](once), once);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test('a secret is found whatever stands around it, apart by blanks', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...planted), text, (before, { line, secret }, after) => {
      fc.pre(!before.includes(secret) && !after.includes(secret));
      const whole = `${before.replaceAll('"', '')}\n${line}\n${after.replaceAll('"', '')}`;
      for (const redactor of redactors) assert.ok(!redactor.text(whole).includes(secret), whole);
    }),
    { numRuns: 2000 },
  );
});

test('valid JSON stays valid, with the same shape', () => {
  const json = fc
    .jsonValue({ maxDepth: 4 })
    .chain((value) => text.map((line) => JSON.stringify({ value, line, [`of ${line}`]: [line, 4111111111111111] })));
  fc.assert(
    fc.property(json, (line) => {
      for (const redactor of redactors) {
        const redacted = redactor.json(line);
        assert.equal(shapeOf(JSON.parse(redacted)), shapeOf(JSON.parse(line)), redacted);
        assert.match(redacted, /,"\[(?:redacted:cards|cards:[a-p]{16})\]"\]\}$/);
      }
    }),
    { numRuns: 2000 },
  );
});

/** Numbers may become text and names may change; how it is built stays. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).join()}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.values(value).map(shapeOf).join()}}`;
  return 'v';
}

test('the quick look at a text never says that it holds nothing when it does', () => {
  const kinds = redactionNames.map(
    (kind) => [kind, new Redactor({ kinds: [kind], patterns: new Map(), replace: mask })] as const,
  );
  for (const { kind, line } of planted) {
    const bit = bitOf[kind as keyof typeof bitOf];
    const one = kinds.find(([name]) => name === kind)![1];
    assert.notEqual(one.any(line), line, `${kind}: ${line} (${candidates(line) & bit})`);
  }
});

test('a line that only begins as JSON does hides nothing', () => {
  for (const beginning of ['[main] ', '{ ', '[', '{"a":1} ', '[{"a":"b ', '[redacted: ', '{"a": "b", ']) {
    for (const { line, secret } of planted) {
      const redacted = redactors[0]!.any(beginning + line);
      assert.ok(!redacted.includes(secret), `${beginning}${line}`);
      assert.equal(redactors[0]!.any(redacted), redacted);
    }
  }
});

test('any record can be redacted, and nothing of its secret is left in it', () => {
  const member = fc.record({ key: text, json: fc.jsonValue().map((value) => JSON.stringify(value)) });
  fc.assert(
    fc.property(
      text,
      fc.array(member),
      fc.constantFrom(...planted),
      fc.boolean(),
      (line, members, { line: hidden, secret }, sendsLine) => {
        fc.pre(![line, JSON.stringify(members)].some((each) => each.includes(secret)));
        const record = newRecord();
        const bytes = Buffer.from(`${line}\n${hidden}`);
        Object.assign(record, {
          text: bytes,
          from: 0,
          to: bytes.length,
          message: sendsLine ? hidden : undefined,
          logger: hidden,
          errorMessage: hidden,
          members: [...members, { key: hidden, json: JSON.stringify(hidden) }],
        });
        redactRecord(record, redactors[0]!, sendsLine);
        const all = [
          record.message,
          record.logger,
          record.errorMessage,
          ...record.members.flatMap(({ key, json }) => [key, json]),
        ];
        assert.ok(!all.some((each) => each?.includes(secret)));
        assert.ok(!record.text.toString('utf8', record.from, record.to).includes(secret));
      },
    ),
    { numRuns: 500 },
  );
});
