// `npm run bench`: which agent ships most for a second of CPU, how late, in how much memory? See docs/performance.md.
import { Unavailable } from './agents/agent.js';
import { agents } from './agents/registry.js';
import type { Subject } from './cases/case.js';
import { cleanUpAtEnd } from './cleanup.js';
import { cases } from './cases/list.js';
import { thisMachine } from './measure/machine.js';
import { type Options, readOptions, usage } from './options.js';
import { markdownOf } from './report/markdown.js';
import { commitOfCheckout, type Results } from './report/results.js';
import { summarize } from './report/summary.js';
import { render, writeResults } from './report/write.js';
import { runCases, type Run } from './runs.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

cleanUpAtEnd();
try {
  const options = readOptions(process.argv.slice(2));
  if (options.render === undefined) await measure(options);
  else render(options.render);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}

async function measure(options: Options): Promise<void> {
  const about = { date: new Date().toISOString(), commit: commitOfCheckout(), machine: thisMachine() };
  const { rounds, bytes, seconds } = options;
  const subjects = await subjectsOf(options.agents);
  const chosen = cases.filter(({ id }) => options.cases.includes(id));
  const variants = [...new Set(chosen.flatMap(({ more }) => more ?? []))];
  // A variant stands behind its agent.
  const known = subjects.flatMap(({ agent }) => [agent, ...variants.filter(({ role }) => role === agent.role)]);
  const resultsOf = (runs: readonly Run[]): Results => ({
    ...about,
    plan: { rounds, bytes, seconds },
    agents: known
      .filter(({ id }) => runs.some(({ agent }) => agent === id))
      .map(({ id, title, role, notes }) => {
        // A variant is of the version of its agent.
        const of = subjects.find(({ agent }) => agent.id === id) ?? subjects.find(({ agent }) => agent.role === role);
        const version = of?.found.version ?? '';
        return { id, title, role, notes, version };
      }),
    cases: chosen.map(({ id, title, how, main }) => ({ id, title, how, main })),
    runs,
  });
  // After each case: an hour of figures is not lost with the last of them.
  const keep = (runs: readonly Run[]): void => {
    if (options.save) say(`results: ${writeResults(resultsOf(runs))}`);
  };
  const runs = await runCases(chosen, subjects, options, say, keep);
  const results = resultsOf(runs);
  process.stdout.write(`\n${markdownOf(results, summarize(results))}`);
  if (runs.some(({ problems }) => problems.length > 0)) process.exitCode = 2;
}

/** The agents that can be had here, in the order in which they take turns. */
async function subjectsOf(wanted: readonly string[]): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const agent of agents.filter(({ id }) => wanted.includes(id))) {
    try {
      subjects.push({ agent, found: await agent.find() });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      say(`without ${agent.title}: ${error.message}`);
    }
  }
  return subjects;
}
