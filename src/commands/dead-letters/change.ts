import type { LetterChoice } from '../../dead-letters/choice.js';
import type { Configuration } from '../../types/configuration.js';
import { askSocket, refusalOf } from '../ask-socket.js';
import type { Env, Program } from '../cli.js';
import { members, purgeRoute, replayRoute } from './asked.js';
import { escaped, escapedJson } from './escaped.js';

export interface Change {
  readonly action: 'replay' | 'purge';
  readonly configuration: Configuration;
  readonly outputs: readonly string[];
  readonly choice: LetterChoice;
  readonly json: boolean;
}

/** What became of the letters of one output: the counts of `Replayed` or `Purged`. */
type Result = Readonly<Partial<Record<string, unknown>>>;

const fault = 1;
const incomplete = 75;

/**
 * Replays or purges, output by output: the running agent does it, which appends to the same files; where none runs, this process. 0, 75 when a replay left
 * letters, 1 when it could not be done.
 */
export async function change(asked: Change, env: Env, program: Program): Promise<number> {
  let code = 0;
  if (asked.outputs.length === 0 && !asked.json) program.out('no dead letters\n');
  for (const output of asked.outputs) {
    let result: Result | string;
    try {
      result = await changeOne(asked, output, env);
    } catch (error) {
      result = error instanceof Error ? error.message : String(error);
    }
    if (typeof result === 'string') {
      program.err(`pannier: ${output}: ${escaped(result)}\n`);
      code = fault;
      continue;
    }
    program.out(asked.json ? `${escapedJson(JSON.stringify({ output, ...result }))}\n` : shown(output, asked, result));
    if (code === 0 && leftOf(result) > 0) code = incomplete;
  }
  return code;
}

/** What became of it, or why it could not be done. */
async function changeOne(
  { action, configuration, choice }: Change,
  output: string,
  env: Env,
): Promise<Result | string> {
  const lines: Result[] = [];
  const answer = await askSocket(configuration.stateDir, {
    route: action === 'replay' ? replayRoute : purgeRoute,
    body: { output, ...choice },
    onLine: (line) => lines.push(members(line)),
  });
  if (answer.kind === 'barred') return answer.why;
  if (answer.kind === 'answered') {
    const last = lines.at(-1);
    if (answer.code !== 200 || last === undefined || last['error'] !== undefined)
      return refusalOf(last ?? answer.value);
    return last;
  }
  // Outputs, formats and the database: only where they are needed.
  const { replayAtRest, purgeAtRest } = await import('./at-rest.js');
  const never = new AbortController().signal;
  return action === 'replay'
    ? { ...(await replayAtRest(configuration, output, choice, env, never)) }
    : { ...(await purgeAtRest(configuration, output, choice, never)) };
}

const countIn = (result: Result, name: string): number => (typeof result[name] === 'number' ? result[name] : 0);

const leftOf = (result: Result): number =>
  countIn(result, 'refused') + countIn(result, 'unreadable') + countIn(result, 'left');

function shown(output: string, { action }: Change, result: Result): string {
  const count = (name: string): number => countIn(result, name);
  const { problem } = result;
  const full = result['noRoom'] === true ? '; the disk has no room to shorten the file: it keeps its size' : '';
  if (action === 'purge') return `${output}: ${count('removed')} removed, ${count('kept')} kept${full}\n`;
  const stay = [
    count('refused') > 0 ? `${count('refused')} refused again` : '',
    count('unreadable') > 0 ? `${count('unreadable')} can't be read` : '',
    count('left') > 0
      ? `${count('left')} not answered (${escaped(typeof problem === 'string' ? problem : '', 300)})`
      : '',
  ].filter((part) => part !== '');
  return `${output}: ${count('accepted')} accepted${stay.length === 0 ? '' : `; these stay: ${stay.join(', ')}`}${full}\n`;
}
