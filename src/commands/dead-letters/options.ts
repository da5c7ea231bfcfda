import type { Command } from 'commander';
import type { DeadLettersOptions } from './dead-letters.js';

type Run = (action: 'list' | 'show' | 'replay' | 'purge', options: DeadLettersOptions) => Promise<void>;

/** `pannier dead-letters …`, as commander has it. */
export function addDeadLetters(commander: Command, run: Run): void {
  const letters = commander
    .command('dead-letters')
    .description('records that a destination refused for good: see them, send them again, remove them');
  const action = (name: string, description: string): Command =>
    letters
      .command(name)
      .description(description)
      .option('--output <name>', 'only this output')
      .option('--json', 'as JSON, an object a line');
  const id = ['--id <id>', 'only this letter'] as const;
  const before = ['--before <time>', 'only letters before this time (RFC 3339), or of this age (7d)'] as const;
  action('list', 'a row for each letter')
    .option(...id)
    .option(...before)
    .action((options: DeadLettersOptions) => run('list', options));
  action('show', 'all of one letter')
    .argument('<id>', 'as list shows it')
    .action((letter: string, options: DeadLettersOptions) => run('show', { ...options, id: letter }));
  action('replay', 'send them again with their ids, and remove what is accepted: exit 0 when all is, else 75')
    .option(...id)
    .option(...before)
    .action((options: DeadLettersOptions) => run('replay', options));
  action('purge', 'remove them for good')
    .option(...id)
    .option(...before)
    .option('--yes', 'do it; without it, only their number is said')
    .action((options: DeadLettersOptions) => run('purge', options));
}
