import { type FigureName, type Figures, figures } from '../cases/case.js';
import { median } from '../measure/median.js';
import type { Results } from './results.js';

/** A figure of an agent in a case: the median of the rounds that count, and how it compares. */
export interface Value {
  readonly value: number;
  /** Divided by the control's (the best peer's); undefined where there is none, or it is 0. */
  readonly toControl: number | undefined;
  readonly toBestPeer: number | undefined;
}

export interface Row {
  readonly agent: string;
  readonly title: string;
  readonly role: Results['agents'][number]['role'];
  readonly values: Readonly<Partial<Record<FigureName, Value>>>;
  /** Rounds that count. */
  readonly rounds: number;
  readonly megabytes: number | undefined;
  /** Why rounds do not count, or why it was not run. */
  readonly remarks: readonly string[];
}

export interface CaseSummary {
  readonly id: string;
  readonly title: string;
  readonly how: string;
  readonly main: FigureName;
  readonly names: readonly FigureName[];
  readonly rows: readonly Row[];
  /** Over all runs: load before them (median), and cores that others kept busy meanwhile (median). */
  readonly load: number;
  readonly otherCores: number;
}

/** Medians and ratios of everything that ran. */
export function summarize(results: Results): CaseSummary[] {
  return results.cases
    .map((one): CaseSummary => {
      const runs = results.runs.filter((run) => run.case === one.id);
      const medians = new Map<string, Figures>();
      for (const { id } of results.agents) {
        const counted = runs.filter(
          ({ agent, problems, cannot }) => agent === id && problems.length === 0 && cannot === undefined,
        );
        medians.set(id, mediansOf(counted.map((run) => run.figures)));
      }
      const names = (Object.keys(figures) as FigureName[]).filter((name) =>
        [...medians.values()].some((found) => found[name] !== undefined),
      );
      const of = (role: string) =>
        results.agents.filter((agent) => agent.role === role).map(({ id }) => medians.get(id) ?? {});
      const control = of('control')[0] ?? {};
      const best = bestOf(of('peer'), names);
      const disturbed = runs.flatMap(({ disturbance }) => (disturbance ? [disturbance] : []));
      return {
        ...one,
        names,
        rows: results.agents.flatMap((agent): Row[] => {
          const own = runs.filter((run) => run.agent === agent.id);
          if (own.length === 0) return [];
          const found = medians.get(agent.id) ?? {};
          const remarks = own.flatMap(({ round, problems, cannot }) =>
            cannot !== undefined
              ? [`not run: ${cannot}`]
              : problems.map((problem) => `round ${round} does not count: ${problem.split('\n')[0] ?? ''}`),
          );
          return [
            {
              agent: agent.id,
              title: agent.title,
              role: agent.role,
              values: Object.fromEntries(
                names.flatMap((name) => {
                  const value = found[name];
                  return value === undefined
                    ? []
                    : [[name, { value, toControl: ratio(value, control[name]), toBestPeer: ratio(value, best[name]) }]];
                }),
              ),
              rounds: own.filter(({ problems, cannot }) => problems.length === 0 && cannot === undefined).length,
              megabytes: own.find(({ megabytes }) => megabytes !== undefined)?.megabytes,
              remarks,
            },
          ];
        }),
        load: median(disturbed.map(({ load }) => load)),
        otherCores: median(disturbed.map(({ otherCores }) => otherCores)),
      };
    })
    .filter(({ rows }) => rows.length > 0);
}

function mediansOf(all: readonly Figures[]): Figures {
  const names = new Set(all.flatMap((found) => Object.keys(found) as FigureName[]));
  return Object.fromEntries([...names].map((name) => [name, median(all.flatMap((found) => found[name] ?? []))]));
}

function bestOf(all: readonly Figures[], names: readonly FigureName[]): Figures {
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = all.flatMap((found) => found[name] ?? []);
      if (values.length === 0) return [];
      return [[name, figures[name].better === 'more' ? Math.max(...values) : Math.min(...values)]];
    }),
  );
}

const ratio = (value: number, by: number | undefined): number | undefined =>
  by === undefined || by === 0 ? undefined : value / by;
