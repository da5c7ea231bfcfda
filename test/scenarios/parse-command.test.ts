import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { program } from '../support/agent-process.js';
import { asObject } from '../support/bulk-api.js';
import { scenario } from '../support/lab.js';

/** Runs the built program with lines on its standard input. */
async function parse(input: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [program, 'parse', ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('close', resolve)));
  return {
    code,
    err,
    records: out
      .split('\n')
      .filter(Boolean)
      .map((line) => asObject(JSON.parse(line)) ?? {}),
  };
}

scenario('parse shows piped lines as JSON, by the settings of the environment', async () => {
  const lines = '{"level":"error","msg":"a"}\nlevel=warn msg=b\nSome prose\n';
  const { code, err, records } = await parse(lines, [], { PANNIER_FIELDS: 'team=pay' });
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(
    records.map(({ line, format, level, message }) => [line, format, level, message]),
    [
      [1, 'json', 'error', 'a'],
      [2, 'logfmt', 'warn', 'b'],
      [3, 'raw', null, 'Some prose'],
    ],
  );
  assert.ok(records.every(({ record, micros }) => asObject(record)?.team === 'pay' && Number(micros) > 0));
});

scenario('parse ends with 0, 64 or 78, and takes input of any size in bounded memory', async () => {
  assert.equal((await parse('', ['--format', 'nonsense'])).code, 64);
  assert.equal((await parse('', ['--colour'])).code, 64);
  assert.equal((await parse('', ['/nowhere/at/all'])).code, 64);
  assert.equal((await parse('', [], { PANNIER_OUTPUTS: 'nonsense' })).code, 78);
  const many = await parse('{"msg":"a line of some length, so that there are many bytes"}\n'.repeat(50_000), []);
  assert.deepEqual([many.code, many.records.length, many.records.at(-1)?.line], [0, 50_000, 50_000]);
});
