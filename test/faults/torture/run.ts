import { setMaxListeners } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TestAuthority } from '../../support/certificates.js';
import { FaultControl } from '../../support/faults-control.js';
import { freePort } from '../../support/ports.js';
import { Random } from '../../support/random.js';
import { TorturedAgent } from './agent.js';
import { Arrivals, type ArrivedBatch } from './arrivals.js';
import { checkEnd } from './check.js';
import { Destination } from './destination.js';
import { Faults } from './faults.js';
import { FileTail } from './file-tail.js';
import { Journal } from './journal.js';
import type { Plan, WriterKind } from './plan.js';
import { programOf, type Program } from './programs.js';
import type { Result } from './result.js';
import { Safety } from './safety.js';
import { Story } from './story.js';
import { bulkStore, lineStore } from './stores.js';
import { Truth } from './truth.js';
import { Volumes } from './volumes.js';
import { Desk, type Surroundings } from './writer.js';
import { writers } from './writers/kinds.js';

export interface RunOptions {
  /** Told now and then how far it is. */
  readonly progress?: (text: string) => void;
  /** Ends the run early; it then fails. */
  readonly stop?: AbortSignal;
  /** Where the files of a run that failed are kept: logs, state, the file output. */
  readonly keep?: string;
  /** Programs that this machine has not, and why: their writers are left out. */
  readonly missing: ReadonlyMap<Program, string>;
  /** Ends at the first thing that is wrong. */
  readonly failFast?: boolean;
}

const lookEveryMs = 500;
/** Beside the commit interval: what a commit itself takes, on a machine with more to do. */
const commitSlackMs = 2_500;

/** Carries out a plan against the built program. Never rejects for what the agent does wrong: that is in the result. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<Result> {
  const begun = performance.now();
  const nowMs = (): number => performance.now() - begun;
  const random = new Random(plan.seed + 1);
  const story = new Story(nowMs, (text) => options.progress?.(text));
  const over = new AbortController();
  options.stop?.addEventListener('abort', () => over.abort());
  const isWrong = (what: string): void => {
    story.isWrong(what);
    if (options.failFast === true) over.abort();
  };

  const folder = mkdtempSync(join(tmpdir(), 'pannier-torture-'));
  try {
    using volumes = new Volumes(folder);
    using control = new FaultControl();
    using trusted = new TestAuthority('trusted');
    using stranger = new TestAuthority('stranger');
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const journal = new Journal();

    const agentBox: { agent?: TorturedAgent } = {};
    const moment = () => ({ atMs: nowMs(), run: agentBox.agent?.run ?? 0 });
    const mayRepeat = ({ answeredAtMs, run, isPiece }: ArrivedBatch): boolean =>
      isPiece ||
      (agentBox.agent?.endedAtMs.get(run) ?? Infinity) - answeredAtMs < plan.commitIntervalMs + commitSlackMs;
    const arrivalsOf = (output: string, exact: boolean): Arrivals =>
      new Arrivals({ output, journal, exact, ordered: !exact, wrong: isWrong, mayRepeat });
    const arrivals = { elasticsearch: arrivalsOf('elasticsearch', true), http: arrivalsOf('http', false) };
    const written = new FileTail(join(folder, 'out.ndjson'), arrivalsOf('file', false));
    const everywhere = plan.outputs.includes('file') ? { ...arrivals, file: written.arrivals } : arrivals;
    const first = plan.tls ? trusted.issue('destination') : undefined;
    await using elasticsearch = await Destination.start(
      new Random(random.next()),
      bulkStore(arrivals.elasticsearch, moment, new Random(random.next())),
      first,
    );
    await using http = await Destination.start(new Random(random.next()), lineStore(arrivals.http, moment));
    const destinations = { elasticsearch, http };

    const port = await freePort();
    await using agent = new TorturedAgent({
      cwd: folder,
      port,
      nowMs,
      wrong: isWrong,
      happened: (what) => story.happened(what),
      env: {
        ...control.env,
        PANNIER_PATHS: join(logs, '**/*.log'),
        PANNIER_STATE_DIR: volumes.state,
        PANNIER_LISTEN: `127.0.0.1:${port}`,
        PANNIER_OUTPUTS: plan.outputs.join(','),
        PANNIER_ELASTICSEARCH_URL: elasticsearch.url,
        ...(plan.tls ? { PANNIER_ELASTICSEARCH_CA_FILE: trusted.caFile } : {}),
        PANNIER_ELASTICSEARCH_REQUEST_TIMEOUT: '3s',
        PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '200ms',
        PANNIER_HTTP_URL: `${http.url}/lines`,
        PANNIER_HTTP_REQUEST_TIMEOUT: '3s',
        PANNIER_HTTP_BATCH_MAX_WAIT: '200ms',
        PANNIER_FILE_PATH: join(folder, 'out.ndjson'),
        PANNIER_FILE_MAX_BYTES: '8GiB',
        PANNIER_COMMIT_INTERVAL: `${plan.commitIntervalMs}ms`,
        PANNIER_MAX_LINE_BYTES: '32KiB',
        PANNIER_MULTILINE: 'off',
        PANNIER_DRAIN_QUIET: '200ms',
        PANNIER_DRAIN_TIMEOUT: '4s',
        PANNIER_HOLD_GRACE: '5s',
        PANNIER_LOG_LEVEL: 'info',
      },
    });
    agentBox.agent = agent;
    const truth = new Truth({ agent, destinations, nowMs, wrong: isWrong });

    const safety = new Safety({
      agent,
      truth,
      stateDir: volumes.state,
      arrivals: everywhere,
      commitIntervalMs: plan.commitIntervalMs,
      nowMs,
      stop: over.signal,
    });
    const around: Surroundings = {
      hasOpen: (path) => agent.hasOpen(path),
      isDelivered: (writer, count) => safety.isDelivered(writer, count),
      isSafe: (writer, count) => safety.isSafe(writer, count),
      keepAgent: () => {
        agent.holds++;
        return () => {
          agent.holds--;
        };
      },
      get isSettled() {
        return agent.running && !agent.ending && truth.commits > 2;
      },
    };

    const writing = new AbortController();
    const ended = new AbortController();
    // Every wait of every writer listens.
    setMaxListeners(0, over.signal, writing.signal, ended.signal);
    over.signal.addEventListener('abort', () => writing.abort());
    let resting = false;
    await agent.start();
    const looks = (async () => {
      while (!ended.signal.aborted) {
        await truth.look();
        if ('file' in everywhere)
          await written.look().catch((error: unknown) => isWrong(`the file output's file: ${String(error)}`));
        await wait(lookEveryMs, undefined, { signal: ended.signal }).catch(() => {});
      }
    })();
    const isMissing = (kind: WriterKind): boolean => {
      const program = programOf(kind);
      return program !== undefined && options.missing.has(program);
    };
    const present = plan.writers.filter(({ kind }) => !isMissing(kind));
    const desks = present.map(
      (one) =>
        new Desk(one, journal, new Random(one.seed), logs, around, writing.signal, {
          resting: () => resting,
          happened: (what) => story.happened(what),
        }),
    );
    const work = desks.map((desk) =>
      writers[desk.plan.kind](desk).catch((error: unknown) =>
        isWrong(`writer ${desk.plan.id} (${desk.plan.kind}): ${String(error)}`),
      ),
    );
    const faults = new Faults({
      agent,
      destinations,
      control,
      random: new Random(random.next()),
      volumes: volumes.mounted ? volumes : undefined,
      happened: (what) => story.happened(what),
      isDurable: async () => {
        const isDurable = safety.commitAfter();
        while (!over.signal.aborted && !isDurable()) await wait(50);
      },
      certificate: (isTrusted) => (isTrusted ? trusted : stranger).issue('destination'),
      rest: (on) => {
        resting = on;
      },
    });
    const happening = faults
      .run(plan.faults, writing.signal)
      .catch((error: unknown) => isWrong(`a fault could not be carried out: ${String(error)}`));

    const end = nowMs() + plan.seconds * 1000;
    for (let told = 0; nowMs() < end && !over.signal.aborted;) {
      await wait(Math.max(1, Math.min(1_000, end - nowMs())), undefined, { signal: over.signal }).catch(() => {});
      if (nowMs() - told < 10_000) continue;
      told = nowMs();
      options.progress?.(
        `${Math.round(nowMs() / 1000)} s: ${journal.lines} lines, run ${agent.run}, ${journal.rotations} rotations, ${story.wrongCount} wrong`,
      );
    }
    writing.abort();
    await Promise.all([...work, happening]);
    const checked = await checkEnd({
      plan,
      agent,
      truth,
      journal,
      arrivals: everywhere,
      destinations,
      letters: volumes.letters,
      isWrong: () => story.wrongCount > 0,
      stop: over.signal,
      wrong: isWrong,
    });
    ended.abort();
    await looks;
    if (options.keep !== undefined && story.wrongCount > 0)
      cpSync(folder, options.keep, { recursive: true, filter: (path) => !path.endsWith('control.sock') });
    const outages = Object.values(destinations)
      .flatMap(({ met }) => [...met.values()])
      .reduce((sum, count) => sum + count, 0);
    return {
      seed: plan.seed,
      seconds: plan.seconds,
      lines: journal.lines,
      bytes: journal.bytes,
      kills: agent.kills,
      terms: agent.terms,
      outages: plan.faults.filter(({ track, kind }) => track in destinations && faults.counts.has(kind)).length,
      rotations: journal.rotations,
      faults: Object.fromEntries([...faults.counts, ['requests in trouble', outages]]),
      repeats: {
        elasticsearch: arrivals.elasticsearch.repeats,
        http: arrivals.http.repeats,
        file: written.arrivals.repeats,
      },
      without: [...options.missing]
        .filter(([program]) => plan.writers.some(({ kind }) => programOf(kind) === program))
        .map(([program, why]) => `${program}: ${why}`),
      deadLetters: checked.deadLetters,
      peakRssKb: agent.peakRssKb,
      peakDescriptors: agent.peakDescriptors,
      wrong: story.wrong,
      story: story.text,
      passed: story.wrongCount === 0 && !(options.stop?.aborted ?? false),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
