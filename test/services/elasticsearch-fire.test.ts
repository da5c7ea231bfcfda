import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { scenario, startAgent, type Lab } from '../support/lab.js';
import { until } from '../support/until.js';
import { Elasticsearch } from './servers.js';

const index = 'fire';
const writers = ['one', 'two'];
/** PANNIER_FIRE_LINES makes it shorter or longer. */
const linesEach = Number(process.env.PANNIER_FIRE_LINES ?? '500000') / writers.length;
const linesPerFile = linesEach / 10;
const linesPerChunk = 250;
/** Between two chunks: some 5,000 lines a second from both, so that files are rotated all along. */
const pauseMs = 100;
/** Searches show 10,000 at most. */
const windowLines = 10_000;
/** Of 12 steps these kill the server, the other nine the agent; the middle one both. */
const serverSteps = [3, 7, 11];

/** Writes, rotates by renaming, out of the globs, and deletes what was rotated at once: only pins keep it, whoever is down just then. */
async function write(lab: Lab, writer: string): Promise<void> {
  for (let from = 0; from < linesEach; from += linesPerChunk) {
    const chunk = Array.from({ length: Math.min(linesPerChunk, linesEach - from) }, (_, at) => {
      const serial = from + at;
      return `{"writer":"${writer}","serial":${serial},"message":"request ${serial * 7919} took ${serial % 97} ms"}\n`;
    });
    await lab.logs.append(`${writer}.log`, chunk.join(''));
    const next = from + linesPerChunk;
    if (next % linesPerFile === 0 && next < linesEach) {
      await lab.logs.rename(`${writer}.log`, `${writer}.log.1`);
      await lab.logs.remove(`${writer}.log.1`);
    }
    await wait(pauseMs);
  }
}

/** Waits until at least so many documents can be found. */
async function reaches(server: Elasticsearch, lab: Lab, goal: number): Promise<void> {
  let count = 0;
  await until(async () => (count = await server.count(index)) >= goal || wait(500, false), {
    what: `${goal} documents`,
    deadlineMs: 300_000,
    instead: () => `${count} documents\n${lab.agent.tail()}`,
  });
}

/** Each serial of the window once; with the count of all, each line exactly once. */
async function windowIsWhole(server: Elasticsearch, writer: string, from: number): Promise<void> {
  const to = Math.min(from + windowLines, linesEach);
  const filter = [{ term: { 'writer.keyword': writer } }, { range: { serial: { gte: from, lt: to } } }];
  const hits = await server.search(index, { bool: { filter } });
  const serials = new Set(hits.map(({ document }) => document.serial));
  assert.equal(hits.length, to - from, `${writer}: documents with serials ${from} to ${to - 1}`);
  assert.equal(serials.size, to - from, `${writer}: different serials from ${from} to ${to - 1}`);
}

scenario(
  `${linesEach * writers.length} lines with rotation, deletion and pins, the server killed three times and the agent ten times: each is there once`,
  async () => {
    await using server = await Elasticsearch.start();
    await using lab = await startAgent({
      env: {
        PANNIER_ELASTICSEARCH_URL: server.url,
        PANNIER_ELASTICSEARCH_INDEX: index,
        PANNIER_COMMIT_INTERVAL: '1s',
        PANNIER_LOG_LEVEL: 'info',
        PANNIER_PIN: 'auto',
        PANNIER_VOLUME_LIMIT: '2GiB',
      },
    });
    const total = linesEach * writers.length;
    const written = Promise.all(writers.map((writer) => write(lab, writer)));
    let kills = 0;
    for (let step = 1; step <= 12; step += 1) {
      await reaches(server, lab, Math.floor((total * step) / 14));
      const isServers = serverSteps.includes(step);
      if (isServers) await server.down('SIGKILL');
      if (!isServers || step === 7) {
        await lab.kill9();
        kills += 1;
        await lab.start();
      }
      if (isServers) await server.up();
    }
    assert.equal(kills, 10);
    await written;
    await reaches(server, lab, total);
    await lab.caughtUp();
    assert.equal(await server.count(index), total, 'documents');
    for (const writer of writers)
      for (let from = 0; from < linesEach; from += windowLines) await windowIsWhole(server, writer, from);
    assert.deepEqual(await lab.deadLetters(), []);
  },
  840_000,
);
