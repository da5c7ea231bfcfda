import { readConfiguration } from '../../../config/load.js';
import { readConfigurationFile } from '../../../config/read-file.js';
import { explain } from '../../formats/explain.js';
import { staticMembers } from '../../processing/static-members.js';
import { Surroundings } from '../../surroundings.js';
import { silentLog } from '../../types/log.js';
import type { Configuration } from '../../types/configuration.js';
import { ConfigError } from '../../types/errors.js';
import type { Env, Program } from '../cli.js';
import { configurationInvalid } from '../validate.js';
import { DryLane } from './dry-lane.js';
import { chunksOf, InputError, openInput } from './input.js';
import { shownJson } from './shown-json.js';
import { colours, plainPaint, shownText } from './shown-text.js';
import type { Shown } from './shown.js';

export interface ParseOptions {
  /** Instead of PANNIER_FORMAT and PANNIER_MULTILINE. */
  readonly format?: string;
  readonly multiline?: string;
  readonly explain?: boolean;
  readonly json?: boolean;
  /** `-`, or left out: standard input. */
  readonly file?: string | undefined;
}

const usage = 64;
const warmUpMs = 50;
const warmUpRounds = 50;
/** Somebody pastes: what was pasted is shown at once. */
const pastedAfterMs = 300;

/**
 * `pannier parse`: shows what becomes of lines, by the settings and the code of `run`, without shipping anything. For a person on a terminal, else one JSON
 * object for each record. 0; 64 when the options or the file are no good, 78 for the configuration.
 */
export async function parse(options: ParseOptions, env: Env, program: Program): Promise<number> {
  const { err, out } = program;
  const configuration = await configurationFor(options, env, program);
  if (typeof configuration === 'number') return configuration;
  const input = await openInput(options.file, program);
  if (typeof input === 'string') {
    err(`pannier: ${input}\n`);
    return usage;
  }
  const tally = { records: 0, parsed: 0, micros: 0 };
  const isText = program.isTerminal && options.json !== true;
  const paint = hasColours(env) ? colours : plainPaint;
  const show = (shown: Shown): void => {
    const explanation = options.explain === true && shown.lines > 0 ? explanationOf(shown, configuration) : undefined;
    out(isText ? shownText(shown, explanation, paint) : shownJson(shown, explanation));
    if (shown.lines === 0) return;
    tally.records += 1;
    tally.parsed += shown.format === '' ? 0 : 1;
    tally.micros += shown.micros;
  };
  // The agent's own members are in the records; only the ECS endpoint is not asked for them.
  await using surroundings = await Surroundings.open(
    { ...env, ECS_CONTAINER_METADATA_URI_V4: '' },
    silentLog,
    () => {},
  );
  const statics = staticMembers(await surroundings.origin(configuration), configuration.fields);
  const lane = await DryLane.open(configuration, statics, input.name, show);
  if (input.isTerminal) err('Paste or type lines. Ctrl-D ends it.\n');
  let isCold = true;
  const idleMs = input.isTerminal ? pastedAfterMs : configuration.multilineTimeoutMs;
  try {
    for await (const chunk of chunksOf(input.bytes, idleMs)) {
      if (chunk === 'idle') await lane.flushGroups();
      else {
        if (isCold) await warmUp(chunk, await DryLane.open(configuration, statics, input.name, () => {}));
        isCold = false;
        await lane.append(chunk);
      }
      await program.drained();
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    err(`pannier: ${input.name} ${error.message}\n`);
    return usage;
  }
  await lane.flush();
  if (isText) err(summary(tally));
  return 0;
}

/** The first lines would show what it takes to compile the code for them, which is a thousand times what they take in a running agent. */
async function warmUp(chunk: Buffer, lane: DryLane): Promise<void> {
  const until = performance.now() + warmUpMs;
  for (let round = 0; round < warmUpRounds && performance.now() < until; round++) {
    await lane.append(chunk);
    await lane.append(Buffer.from('\n'));
    await lane.flush();
  }
}

async function configurationFor(
  { format, multiline }: ParseOptions,
  env: Env,
  { catalogue, cwd, err }: Program,
): Promise<Configuration | number> {
  const given = {
    ...(format === undefined ? {} : { PANNIER_FORMAT: format }),
    ...(multiline === undefined ? {} : { PANNIER_MULTILINE: multiline }),
  };
  const { configuration, problems } = await readConfiguration({
    env: { ...env, ...given },
    catalogue,
    cwd,
    readFile: readConfigurationFile,
  });
  if (configuration !== undefined) return configuration;
  const ofOptions = problems.filter(({ where }) => Object.hasOwn(given, where));
  if (ofOptions.length === 0) {
    err(`pannier: ${new ConfigError(problems).message}\n`);
    return configurationInvalid;
  }
  for (const { where, problem, suggestion } of ofOptions) {
    const option = where === 'PANNIER_FORMAT' ? '--format' : '--multiline';
    err(`pannier: ${option}: ${problem}${suggestion === undefined ? '' : ` (${suggestion})`}\n`);
  }
  return usage;
}

const explanationOf = (shown: Shown, { format, timezone }: Configuration) => {
  const end = shown.raw.indexOf(0x0a);
  return explain({
    line: end === -1 ? shown.raw : shown.raw.subarray(0, end),
    isFirst: shown.line === 1,
    demanded: format,
    known: shown.known,
    timezone,
    readBy: shown.format,
  });
};

/** https://no-color.org: any value but an empty one. */
const hasColours = (env: Env): boolean => (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

function summary({ records, parsed, micros }: { records: number; parsed: number; micros: number }): string {
  if (records === 0) return 'no records\n';
  const share = Math.floor((parsed / records) * 100);
  return `${records} records, ${share} % read by a format, ${(micros / records).toFixed(1)} µs each\n`;
}
