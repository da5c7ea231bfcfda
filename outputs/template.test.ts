import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LogRecord, Member, Origin } from '../src/types/record.js';
import { type NameRules, parseTemplate, type Template } from './template.js';

const rules: NameRules = {
  what: 'index',
  maxBytes: 60,
  illegalInLiteral: /[\\/*?"<>| ,#:]/,
  illegalInValue: /[^a-z0-9._-]/g,
  illegalStart: /^[-_+.]/,
  lowerCase: true,
  fields: true,
};
const origin: Origin = {
  pod: 'Pay-7c9',
  namespace: 'shop',
  node: 'n1',
  podUid: '',
  container: '',
  service: '../Pay Service',
  host: 'host-1',
  labels: {},
};

function parse(pattern: string, over: Partial<NameRules> = {}, from: Origin = origin): Template {
  const result = parseTemplate(pattern, { ...rules, ...over }, from);
  assert.ok('template' in result, JSON.stringify(result));
  return result.template;
}
const problem = (pattern: string, over: Partial<NameRules> = {}) => {
  const result = parseTemplate(pattern, { ...rules, ...over }, origin);
  return 'problem' in result ? result.problem : undefined;
};
function record(members: Readonly<Record<string, unknown>>, timeMs = Date.UTC(2026, 10, 20, 23, 59)): LogRecord {
  const list = Object.entries(members).map(([key, value]): Member => ({ key, json: JSON.stringify(value) }));
  return {
    file: { fileId: 'f', path: '/x', birthMs: 0 },
    start: 0,
    end: 1,
    part: undefined,
    text: Buffer.alloc(0),
    from: 0,
    to: 0,
    format: '',
    timeMs,
    timeText: '',
    level: 'warn',
    logger: undefined,
    message: undefined,
    members: list,
    errorMessage: undefined,
  };
}

test('a pattern without date or field is one constant name, with its values made fit', () => {
  assert.equal(parse('logs-{namespace}-{pod}').constant, 'logs-shop-pay-7c9');
  assert.equal(parse('x-{service}').constant, 'x-..-pay-service');
  assert.equal(parse('{service}').constant, 'pay-service', 'a name loses the beginning that is not allowed');
  assert.equal(parse('x-{container}').constant, 'x-unknown');
});

test('the pod falls back to the host name', () => {
  assert.equal(parse('{pod}', {}, { ...origin, pod: '' }).constant, 'host-1');
  assert.equal(parse('{pod}', {}, { ...origin, pod: '', host: '' }).constant, 'unknown');
});

test('a date is the time of the record in UTC', () => {
  const template = parse('logs-{yyyy.MM.dd}');
  assert.equal(template.constant, undefined);
  assert.equal(template.forRecord(record({})), 'logs-2026.11.20');
  assert.equal(template.forRecord(record({}, Date.UTC(2026, 10, 21))), 'logs-2026.11.21');
  assert.equal(parse('l-{yyyy-MM-dd-HH}').forTime(Date.UTC(1999, 0, 2, 3)), 'l-1999-01-02-03');
  assert.equal(template.forRecord(record({}, Number.NaN)), 'logs-1970.01.01');
  assert.equal(template.forRecord(record({}, 8.64e15)), 'logs-9999.09.13');
});

test('a field is found by its dotted name or by nesting, and only scalars name anything', () => {
  const template = parse('l-{field:team.name}');
  assert.equal(template.forRecord(record({ 'team.name': 'A b' })), 'l-a-b');
  assert.equal(template.forRecord(record({ team: { name: 7 } })), 'l-7');
  assert.equal(template.forRecord(record({ team: { name: ['x'] } })), 'l-unknown');
  assert.equal(template.forRecord(record({ team: 'x' })), 'l-unknown');
  assert.equal(parse('l-{field:a.b.c}').forRecord(record({ 'a.b': { c: 'd' } })), 'l-d');
  assert.equal(parse('l-{field:constructor.name}').forRecord(record({})), 'l-unknown');
  assert.equal(parse('l-{field:a.constructor.name}').forRecord(record({ a: {} })), 'l-unknown');
  assert.equal(parse('l-{field:log.level}').forRecord(record({})), 'l-warn');
  assert.equal(parse('l-{field:a}-{yyyy}').forTime(0), 'l-unknown-1970');
});

test('what is wrong with a pattern is said', () => {
  assert.match(problem('logs-{podd}') ?? '', /\{podd\} is not known; there are \{pod\}/);
  assert.match(problem('logs-{pod') ?? '', /no closing brace/);
  assert.match(problem('logs-pod}') ?? '', /closing brace without/);
  assert.match(problem('Logs') ?? '', /lower case/);
  assert.match(problem('a b') ?? '', /may not contain " "/);
  assert.match(problem('_a') ?? '', /may not begin with "_"/);
  assert.match(problem('{field:}') ?? '', /needs the name/);
  assert.match(problem('{field:a}', { fields: false }) ?? '', /belongs to a file/);
  assert.match(problem('..', { illegalStart: /^_/ }) ?? '', /is no name/);
  assert.equal(problem('{pod}.{node}'), undefined);
  assert.match(problem('') ?? '', /is empty/);
  assert.match(problem('a'.repeat(61)) ?? '', /longer than 60/);
  assert.match(problem(`${'a'.repeat(55)}{pod}`) ?? '', /longer than 60/);
  assert.equal(problem('logs-{service}-{yyyy.MM.dd}'), undefined);
});

test('whatever a line holds, the name is legal and keeps the literal parts', () => {
  const template = parse('{field:a}/logs-{field:a}-{yyyy}', { illegalInLiteral: /:/ });
  const values = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('..', '.', '', '-', '_', '/../x'),
  );
  fc.assert(
    fc.property(values, fc.double(), (value, timeMs) => {
      const name = template.forRecord(record({ a: value }, timeMs));
      assert.match(name, /^[a-z0-9][a-z0-9._-]*\/logs-[a-z0-9._-]+-\d{4}$/);
      assert.ok(Buffer.byteLength(name) <= 60);
      assert.ok(!/(^|\/)\.+(\/|$)/.test(name));
    }),
  );
});

test('a value of dots only cannot name a folder', () => {
  const template = parse('a/{field:a}/b', { illegalInLiteral: /:/ });
  for (const dots of ['.', '..', '...']) assert.equal(template.forRecord(record({ a: dots })), 'a/unknown/b');
  assert.equal(template.forRecord(record({ a: '../x' })), 'a/..-x/b');
});

test('values outside of ASCII are cut at a character, within the limit', () => {
  const wide = { illegalInValue: /[:*]/g, maxBytes: 21, lowerCase: false };
  assert.equal(parse('{field:a}', wide).forRecord(record({ a: '😀'.repeat(30) })), '😀'.repeat(5));
  assert.equal(parse('{field:a}', wide).forRecord(record({ a: 'x\ud800:y' })), 'x--y');
});
