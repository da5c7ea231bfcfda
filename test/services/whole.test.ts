import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { AgentProcess } from '../support/agent-process.js';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { asText } from '../support/logs.js';
import { until } from '../support/until.js';
import { copySamples, haveSamples, linesBelow } from './samples.js';
import { Elasticsearch } from './servers.js';

let server: Elasticsearch;
before(async () => {
  server = await Elasticsearch.start();
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

const filesGenerated = 8;
const linesEach = 25_000;

/** The sample files, where there are any, and 200,000 lines in eight files. */
async function fill(lab: Lab): Promise<Map<string, string[]>> {
  if (haveSamples) {
    await copySamples(lab.logs.at('samples'));
    for (const entry of await readdir(lab.logs.path, { recursive: true, withFileTypes: true }))
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  for (let file = 0; file < filesGenerated; file += 1) {
    const lines = Array.from({ length: linesEach }, (_, at) => {
      const seed = createHash('sha256').update(`${file}:${at}`).digest('hex');
      return `2026-11-20T09:15:02.${String(at % 1_000).padStart(3, '0')}Z INFO ${file} ${at} ${seed.slice(0, at % 64)}`;
    });
    await lab.logs.append(`generated/${file}.log`, asText(lines));
  }
  return await linesBelow(lab.logs.path);
}

async function isWhole(index: string, expected: Map<string, string[]>): Promise<void> {
  const filled = [...expected].filter(([, lines]) => lines.length > 0);
  const counts = await server.countsByPath(index);
  assert.deepEqual(
    [...counts].toSorted(),
    filled.map(([path, lines]) => [path, lines.length] as const).toSorted(),
    'documents by file',
  );
  for (const [path, lines] of filled.filter((entry) => entry[1].length <= 10_000)) {
    const hits = await server.search(index, { term: { 'log.file.path.keyword': path } });
    assert.deepEqual(hits.map(({ document }) => document.message).toSorted(), lines.toSorted(), path);
  }
}

const settings = (lab: Lab, index: string): Record<string, string> => ({
  ...lab.env,
  PANNIER_PATHS: `${lab.logs.path}/**`,
  PANNIER_MULTILINE: 'off',
  PANNIER_FORMAT: 'raw',
  PANNIER_ELASTICSEARCH_URL: server.url,
  PANNIER_ELASTICSEARCH_INDEX: index,
});

scenario(
  'run --once puts every line of the samples and of 200,000 generated ones into Elasticsearch once',
  async () => {
    await using lab = await prepareAgent();
    const expected = await fill(lab);
    const { code, agent } = await lab.once(settings(lab, 'whole'), 300_000);
    assert.equal(code, 0, agent.tail());
    await isWhole('whole', expected);
  },
  600_000,
);

scenario(
  'the same, killed with -9 ten times on the way',
  async () => {
    await using lab = await prepareAgent();
    const expected = await fill(lab);
    const total = [...expected.values()].reduce((sum, lines) => sum + lines.length, 0);
    const env = settings(lab, 'killed');
    let kills = 0;
    for (; kills < 10; kills += 1) {
      const agent = new AgentProcess({ env, args: ['run', '--once'], cwd: lab.dir });
      const goal = Math.floor((total * (kills + 1)) / 12);
      await until(async () => !agent.running || (await server.count('killed')) >= goal, {
        what: `${goal} documents`,
        deadlineMs: 120_000,
        instead: () => agent.tail(),
      });
      assert.ok(agent.running, `it ended before kill ${kills + 1}\n${agent.tail()}`);
      agent.signal('SIGKILL');
      assert.equal(await agent.exit(), 'SIGKILL');
    }
    const { code, agent } = await lab.once(env, 300_000);
    assert.equal(code, 0, agent.tail());
    await isWhole('killed', expected);
  },
  600_000,
);
