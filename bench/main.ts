// `npm run bench`: which agent ships most for a second of CPU, how late, in how much memory? See docs/performance.md.
import { Unavailable } from './agents/agent.js';
import { agents } from './agents/registry.js';
import { cases } from './cases/list.js';
import type { Subject } from './cases/case.js';
import { readOptions, usage } from './options.js';
import { runCases } from './runs.js';

const say = (text: string) => void process.stderr.write(`${text}\n`);

try {
  const options = readOptions(process.argv.slice(2));
  const subjects: Subject[] = [];
  for (const agent of agents.filter(({ id }) => options.agents.includes(id))) {
    try {
      subjects.push({ agent, found: await agent.find() });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      say(`without ${agent.title}: ${error.message}`);
    }
  }
  await runCases(
    cases.filter(({ id }) => options.cases.includes(id)),
    subjects,
    options,
    say,
  );
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 1;
}
