import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFile } from '../support/file-reading.js';

const folder = join(process.cwd(), 'test/fixtures/multiline');
const traces = readdirSync(folder).map((file) => ({
  name: file.replace('.log', ''),
  text: readFileSync(join(folder, file), 'utf8').trimEnd(),
}));

const before = 'worker one has started';
const after = 'worker one goes on';

const textsOf = async (text: string, multiline = 'auto', format = 'auto'): Promise<string[]> =>
  (await readFile(Buffer.from(text), { multiline, format })).records.map((record) => record.text);

for (const { name, text } of traces) {
  test(`${name}: the trace is one record, and the lines around it are not in it`, async () => {
    const lines = `${before}\n${text}\n${after}\n`;
    assert.deepEqual(await textsOf(lines), [before, text, after]);
    assert.deepEqual(await textsOf(lines, 'auto', 'raw'), [before, text, after]);
  });

  test(`${name}: two traces one after the other are two records`, async () => {
    // A chain of exceptions could go on with what is another one here.
    if (name.startsWith('ruby')) return;
    assert.deepEqual(await textsOf(`${text}\n${text}\n${after}\n`), [text, text, after]);
  });

  test(`${name}: with \\r\\n at the ends of lines, and without an end of the last one`, async () => {
    const crlf = `${before}\n${text}`.replaceAll('\n', '\r\n');
    assert.deepEqual(await textsOf(crlf), [before, text.replaceAll('\n', '\r\n')]);
  });

  test(`${name}: in the lines of a container runtime, the other stream between them`, async () => {
    const wrap = (line: string, stream: string): string => `2026-11-20T09:15:02Z ${stream} F ${line}\n`;
    const other = wrap('{"level":"info","msg":"beside"}', 'stdout');
    const wrapped = [before, ...text.split('\n'), after].map((line) => wrap(line, 'stderr') + other).join('');
    const records = await textsOf(wrapped);
    assert.deepEqual(
      records.filter((record) => !record.startsWith('{"level"')),
      [before, text, after],
    );
  });

  test(`${name}: lines are records by themselves when that is wanted`, async () => {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    assert.deepEqual(await textsOf(`${text}\n`, 'off', 'raw'), lines);
  });
}

for (const language of ['java', 'python', 'go', 'node', 'dotnet', 'ruby', 'php', 'rust', 'dart', 'cpp'])
  test(`${language}: its rule alone joins its traces`, async () => {
    const own = traces.filter(({ name }) => name === language || name.startsWith(`${language}-`));
    assert.ok(own.length > 0);
    for (const { name, text } of own) {
      if (name === 'rust-anyhow' || name === 'go-race') continue;
      assert.deepEqual(await textsOf(`${before}\n${text}\n${after}\n`, language), [before, text, after], name);
    }
  });
