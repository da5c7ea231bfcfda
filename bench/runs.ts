import {
  type Case,
  type FigureName,
  figures,
  type Outcome,
  type Prepared,
  type Scale,
  type Subject,
} from './cases/case.js';

/** One run of one agent in one case, as it is kept in the results. */
export interface Run extends Outcome {
  readonly case: string;
  readonly agent: string;
  readonly round: number;
  /** Why it was not run. */
  readonly cannot?: string;
}

/**
 * Runs every case: round by round, and in each round agent by agent, so that what changes on the machine meanwhile meets them all.
 * `caseDone` gets all runs so far after each case. An agent that cannot do a case, or fails in it, is left out of its next rounds; nothing stops the others.
 */
export async function runCases(
  cases: readonly Case[],
  subjects: readonly Subject[],
  plan: Scale & { readonly rounds: number },
  say: (text: string) => void,
  caseDone: (runs: readonly Run[]) => void = () => undefined,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const one of cases) {
    say(`\n${one.id}: ${one.title}`);
    await using prepared = await preparedOrNot(one, plan, say);
    if (prepared === undefined) continue;
    const all = [...subjects, ...(await variantsOf(one, subjects))];
    const out = new Set<string>();
    for (let round = 1; round <= plan.rounds; round++) {
      for (const subject of all.filter(({ agent }) => !out.has(agent.id))) {
        const run = await runOne(one, subject, round, () => prepared.run(subject));
        if (run.cannot !== undefined || Object.keys(run.figures).length === 0) out.add(subject.agent.id);
        runs.push(run);
        say(lineOf(run));
      }
    }
    caseDone(runs);
  }
  return runs;
}

/** A case that cannot be set up here (no OpenSSL, no Elasticsearch) is left out. */
async function preparedOrNot(one: Case, scale: Scale, say: (text: string) => void): Promise<Prepared | undefined> {
  try {
    return await one.prepare(scale);
  } catch (error) {
    say(`  left out: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Variants of an agent run where the agent itself was chosen. */
async function variantsOf(one: Case, subjects: readonly Subject[]): Promise<Subject[]> {
  const wanted = (one.more ?? []).filter(({ role }) => subjects.some(({ agent }) => agent.role === role));
  return Promise.all(wanted.map(async (agent) => ({ agent, found: await agent.find() })));
}

async function runOne(
  one: Case,
  { agent }: Subject,
  round: number,
  run: () => Promise<Outcome | string>,
): Promise<Run> {
  const name = { case: one.id, agent: agent.id, round };
  try {
    const outcome = await run();
    return typeof outcome === 'string'
      ? { ...name, figures: {}, problems: [], cannot: outcome }
      : { ...name, ...outcome };
  } catch (error) {
    return { ...name, figures: {}, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function lineOf({ agent, round, figures: found, problems, cannot, disturbance }: Run): string {
  const start = `  ${round}  ${agent.padEnd(16)}`;
  if (cannot !== undefined) return `${start} not run: ${cannot}`;
  const values = (Object.keys(figures) as FigureName[]).flatMap((name) => {
    const value = found[name];
    return value === undefined ? [] : [`${value.toFixed(figures[name].digits)} ${figures[name].title}`];
  });
  const noise = disturbance
    ? `  (load ${disturbance.load.toFixed(1)}, others ${disturbance.otherCores.toFixed(2)} cores)`
    : '';
  const wrong = problems.length > 0 ? `\n     DOES NOT COUNT: ${problems.join('; ')}` : '';
  return `${start} ${values.join(', ')}${noise}${wrong}`;
}
