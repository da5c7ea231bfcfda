import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { referencePage } from '../config/reference.js';
import { globalSettings, outputPrefix, outputSettings, variablePrefix } from '../config/schema.js';
import { outputs } from '../outputs/registry.js';

test('the reference page says what the settings say: npm run reference writes it anew', async () => {
  const page = await readFile(join(process.env.PANNIER_ROOT ?? process.cwd(), 'docs/reference.md'), 'utf8');
  assert.equal(page, referencePage(outputs));
});

test('the reference has a row for every variable, with as many cells as its head', () => {
  const [ours = ''] = referencePage(outputs).split('## Variables of others');
  const rows = ours.split('\n').filter((line) => line.startsWith('| `PANNIER_'));
  const variables = [
    ...Object.values(globalSettings).map(({ env }) => variablePrefix + env),
    ...Object.values(outputSettings).map(({ env }) => `${variablePrefix}<NAME>_${env}`),
    ...Object.entries(outputs).flatMap(([type, { settings }]) =>
      Object.values(settings).map(({ env }) => outputPrefix(type) + env),
    ),
  ];
  assert.deepEqual(rows.map((line) => line.split('`')[1]).sort(), variables.sort());
  for (const line of rows) assert.equal(line.split(/(?<!\\)\|/).length, 7, line);
});
