import type { Command } from 'commander';
import type { Action, CheckpointsOptions } from './checkpoints.js';

type Run = (action: Action, options: CheckpointsOptions) => Promise<void>;

/** `pannier checkpoints …`, as commander has it. */
export function addCheckpoints(commander: Command, run: Run): void {
  const group = commander
    .command('checkpoints')
    .description(
      'show how far each output is in each file, or ship files again; asks the agent, or opens its state directory',
    );
  const add = (action: Action, description: string): Command =>
    group
      .command(action)
      .description(description)
      .option('--output <name>', 'only of this output')
      .option('--file <glob>', 'only of files found at, or now at, such a path; a bare name means any folder')
      .option('--json', 'as JSON')
      .action((options: CheckpointsOptions) => run(action, options));
  add('list', 'print a line for each file and output: offset, size, lag in bytes');
  add('reset', 'ship files again from their beginning').addHelpText('after', again);
  add('rewind', 'ship files again from an offset or a time')
    .option('--to <place>', 'an offset in bytes (its whole line), an RFC 3339 time, or a time ago such as -2h')
    .addHelpText('after', again);
}

const again = `
What lies behind the new position is sent again. Ids of records stay the same, so Elasticsearch, which gets them with "create", keeps one of each
as long as it goes to the same index; other destinations get it twice. A record of several lines that a new position cuts is another record.
A position is only ever moved back. A time means the first line of that time or younger; a file in which no line has a time goes by its last
change: from the beginning, or not at all. The ledger takes the bytes back from those delivered first.`;
