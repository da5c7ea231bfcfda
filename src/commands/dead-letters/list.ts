import type { StoredLetter } from '../../delivery/stored-letter.js';
import { isChosen, type LetterChoice } from '../../dead-letters/choice.js';
import { columns } from '../columns.js';
import type { Program } from '../cli.js';
import { escaped, escapedJson } from './escaped.js';
import { lettersOf } from './letter-files.js';

const titles = ['TIME', 'OUTPUT', 'ID', 'FILE', '-OFFSET', 'REASON', 'TEXT'];
/** Rows of one table: columns are as wide as these need. */
const tableRows = 200;
const reasonLength = 160;
const textLength = 200;

/** `dead-letters list`: a row for each letter, or a line of JSON. What an application or a destination wrote is shown, not obeyed. */
export async function list(
  stateDir: string,
  outputs: readonly string[],
  choice: LetterChoice,
  json: boolean,
  { out, err, drained }: Program,
): Promise<void> {
  let rows: (readonly string[])[] = [];
  let unreadable = 0;
  let count = 0;
  const show = async (): Promise<void> => {
    const lines = rows.length === 0 ? [] : columns(titles, rows);
    for (const line of count > rows.length ? lines.slice(1) : lines) out(`${line}\n`);
    rows = [];
    await drained();
  };
  for (const output of outputs) {
    for await (const { letter } of lettersOf(stateDir, output)) {
      if (letter === undefined) unreadable++;
      else if (isChosen(choice, letter)) {
        count++;
        if (json) out(`${escapedJson(JSON.stringify(letter))}\n`);
        else rows.push(rowOf(output, letter));
        if (json ? count % tableRows === 0 : rows.length >= tableRows) await show();
      }
    }
  }
  await show();
  if (unreadable > 0) err(`pannier: ${unreadable} lines can't be read; they stay until everything is purged\n`);
  if (!json && count === 0) out('no dead letters\n');
}

function rowOf(output: string, { time, id, path, offset, code, reason, message }: StoredLetter): readonly string[] {
  const why = escaped(`${code}: ${reason}`, reasonLength);
  return [
    escaped(time, 40),
    output,
    escaped(id, 120),
    escaped(path),
    String(offset),
    why,
    escaped(message, textLength),
  ];
}

/** `dead-letters show`: all of one letter. False: there is no such letter. */
export async function show(
  stateDir: string,
  outputs: readonly string[],
  id: string,
  json: boolean,
  { out }: Program,
): Promise<boolean> {
  let found = false;
  for (const output of outputs) {
    for await (const { letter } of lettersOf(stateDir, output)) {
      if (letter?.id !== id) continue;
      if (json) out(`${escapedJson(JSON.stringify(letter))}\n`);
      else out(`${found ? '\n' : ''}${shown(letter)}`);
      found = true;
    }
  }
  return found;
}

function shown(letter: StoredLetter): string {
  const { message, ...rest } = letter;
  const facts = Object.entries(rest).map(([name, value]) => `${name.padEnd(8)} ${escaped(String(value))}\n`);
  // Lines of a joined record stay lines; nothing else moves the cursor.
  const text = message.split('\n').map((line) => `  ${escaped(line.replace(/\r$/, ''))}\n`);
  return [...facts, 'message\n', ...text].join('');
}
