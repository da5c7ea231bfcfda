import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputs } from '../outputs/registry.js';
import type { Setting } from '../src/types/setting.js';
import { sampleCatalogue } from '../test/support/sample-catalogue.js';
import { clashOf, isServiceLink } from './output-names.js';
import { parseSetting } from './parse.js';
import { globalSettings, outputPrefix, outputSettings, variablePrefix } from './schema.js';
import { parseDuration, parseSize } from './values.js';

const catalogue = { ...sampleCatalogue, ...outputs };
const all: [string, Setting<unknown>][] = [
  ...Object.values(globalSettings).map((each): [string, Setting<unknown>] => [variablePrefix, each]),
  ...Object.keys(catalogue).flatMap((type) => [
    ...Object.values(outputSettings).map((each): [string, Setting<unknown>] => [outputPrefix(type), each]),
    ...Object.values(catalogue[type]?.settings ?? {}).map((each): [string, Setting<unknown>] => [
      outputPrefix(type),
      each,
    ]),
  ]),
];

test('every default and every bound is a value that its own setting takes', () => {
  for (const [prefix, setting] of all) {
    for (const text of [setting.default, setting.min, setting.max]) {
      if (text === undefined || text === '') continue;
      const parsed = parseSetting(setting, { form: 'text', text }, { cwd: '/', fromFile: false });
      assert.ok('value' in parsed, `${prefix}${setting.env}: ${JSON.stringify(parsed)}`);
    }
  }
});

test('no setting has a name that Kubernetes sets for a service', () => {
  for (const [prefix, setting] of all) assert.ok(!isServiceLink(prefix + setting.env), prefix + setting.env);
});

test('no variable means two settings, and no type of output meets a global setting', () => {
  const variables = all.map(([prefix, { env }]) => prefix + env);
  assert.deepEqual(
    variables.filter((each, index) => variables.indexOf(each) !== index),
    [],
  );
  for (const type of Object.keys(catalogue)) assert.equal(clashOf(type), undefined, type);
});

test('the batch defaults of every output are sizes and durations', () => {
  for (const [type, { batchMaxBytes, batchMaxWait }] of Object.entries(catalogue)) {
    assert.ok('value' in parseSize(batchMaxBytes), type);
    assert.ok('value' in parseDuration(batchMaxWait), type);
  }
});

test('every setting says what it means in whole sentences', () => {
  for (const [prefix, { env, doc }] of all) assert.match(doc, /^\S.*\.$/, prefix + env);
});
