import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { exactlyOnce } from './writers/exactly-once.js';
import { ExternalWriter, writersFolder } from './writers/external-writer.js';

const kinds = ['rotating', 'rotating-gzip', 'timed', 'watched'] as const;
const lines = 3_000;

/** What finds the files: only the active one, or every form of it, `.gz` too (an empty value would be the default). */
const globs = {
  'the default exclusions': '*.log',
  'gzip files matched too': '*.log*',
} as const;
const nothingExcluded = { PANNIER_EXCLUDE: '**/*.tmp' };

function python(lab: Lab, kind: (typeof kinds)[number], ...more: string[]): ExternalWriter {
  const writer = join(writersFolder, 'python-handlers.py');
  return new ExternalWriter('python3', [writer, kind, lab.logs.path, 'py', ...more]);
}

const missing = spawnSync('python3', ['-c', 'import logging.handlers']).status !== 0;

if (missing) {
  test("Python's handlers", { skip: 'python3 is not installed' }, () => {});
} else {
  for (const kind of kinds)
    for (const [title, name] of Object.entries(globs)) {
      // A file that came and was packed while the agent was down is found only where the globs match its `.gz`.
      if (kind === 'rotating-gzip' && name === '*.log') continue;
      scenario(`Python's ${kind} handler, ${title}: a kill and an outage later each line is there once`, async () => {
        await using lab = await prepareAgent();
        const settings = {
          PANNIER_PATHS: join(lab.logs.path, name),
          ...(name === '*.log*' ? nothingExcluded : {}),
        };
        await lab.start(settings);
        await using writer = python(lab, kind, '--lines', `${lines}`, '--pace', '1000', '--max-bytes', '40000');
        await writer.wrote(400);
        // A file that comes and goes out of the globs while the agent is down was never watched: the writer waits then.
        if (name === '*.log') writer.signal('SIGSTOP');
        await lab.kill9();
        if (name === '*.log*') await writer.wrote(900);
        await lab.start(settings);
        writer.signal('SIGCONT');
        await writer.wrote(1_500);
        await lab.server.down();
        await writer.wrote(2_300);
        await lab.server.up();
        const last = await writer.done();
        // Packed at once and renamed on while a scan looks, a `.gz` may be taken for a new file (README, the table of limits).
        await exactlyOnce(lab, { py: last }, settings, kind === 'rotating-gzip');
      });
    }

  for (const kind of kinds)
    scenario(`Python's ${kind} handler rotates while the agent is down: the old file is finished`, async () => {
      await using lab = await prepareAgent();
      await lab.start();
      await using writer = python(lab, kind, '--pace', '500', '--max-bytes', '0', '--seconds', '3600');
      // From 1 KiB on a file is known wherever it is found, also packed.
      const { state } = await lab.shows('its first lines are stored', ({ outputs }) => {
        return (outputs.elasticsearch?.ledger.delivered ?? 0) > 4_096;
      });
      await lab.shows('a commit after them', (health) => health.state.last_commit !== state.last_commit);
      await lab.kill9();
      await writer.wrote(writer.serial + 200);
      writer.signal('SIGUSR1');
      await writer.rotated(1);
      await writer.wrote(writer.serial + 200);
      await lab.start();
      await writer.wrote(writer.serial + 100);
      await exactlyOnce(lab, { py: await writer.stop() });
    });
}
