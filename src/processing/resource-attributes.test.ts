import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResourceAttributes, placeOf } from './resource-attributes.js';

test('attributes are decoded, trimmed, and the last of a name counts', () => {
  const text = ' service.version = 1.4.2 ,team=a%2Cb%3Dc,team=ü%20x,empty=,=x,novalue,bad=%zz,__proto__=p';
  assert.deepEqual(
    [...parseResourceAttributes(text)],
    [
      ['service.version', '1.4.2'],
      ['team', 'ü x'],
      ['__proto__', 'p'],
    ],
  );
  assert.equal(parseResourceAttributes('').size, 0);
});

test('there is a limit to how many are taken, and to how long one is', () => {
  const many = Array.from({ length: 100 }, (_, n) => `a${n}=1`).join(',');
  assert.equal(parseResourceAttributes(many).size, 64);
  assert.equal(parseResourceAttributes(`a=${'x'.repeat(1025)}`).size, 0);
});

test('an attribute stands under its name of ECS, or as a label', () => {
  assert.deepEqual(placeOf('deployment.environment.name'), ['service', 'environment']);
  assert.deepEqual(placeOf('service.instance.id'), ['service', 'node', 'name']);
  assert.deepEqual(placeOf('my.team'), ['labels', 'my_team']);
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseResourceAttributes(text)));
});
