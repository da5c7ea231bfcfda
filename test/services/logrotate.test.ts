import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exactlyOnce } from '../faults/writers/exactly-once.js';
import { ExternalWriter } from '../faults/writers/external-writer.js';
import { projectRoot } from '../support/agent-process.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';

const program = fileURLToPath(new URL('../faults/writers/logrotate.js', import.meta.url));
const { status, stderr } = spawnSync(join(projectRoot, 'test/services/provision/logrotate.sh'), ['prepare'], {
  encoding: 'utf8',
});

function writerOf(lab: Lab, style: string, ...more: string[]): ExternalWriter {
  return new ExternalWriter(process.execPath, [
    program,
    lab.logs.path,
    'app',
    ...style.split(' '),
    ...['--pace', '500', ...more],
  ]);
}

/** With copytruncate every file of more than 1 KiB is known again in its copy, packed or not; the others move the file itself. */
const styles = [
  '--style create --compress none',
  '--style create --compress now',
  '--style create --compress delay',
  '--style create --compress delay --dateext',
  '--style nocreate --compress none --dateext',
  '--style nocreate --compress delay',
  '--style copytruncate --compress none',
  '--style copytruncate --compress delay',
  '--style copytruncate --compress delay --dateext',
];

/** What finds the files: only the active one, or every form of it (an empty value would be the default). */
const settingsOf = {
  'the default exclusions': (folder: string) => ({ PANNIER_PATHS: join(folder, '*.log') }),
  'gzip files matched too': (folder: string) => ({
    PANNIER_PATHS: join(folder, '*.log*'),
    PANNIER_EXCLUDE: '**/*.tmp',
  }),
};

function rotations(): void {
  for (const style of styles)
    for (const [title, settingsFor] of Object.entries(settingsOf))
      scenario(`logrotate ${style}, ${title}: a kill and an outage later each line is there once`, async () => {
        await using lab = await prepareAgent();
        const settings = settingsFor(lab.logs.path);
        await lab.start(settings);
        await using writer = writerOf(lab, style, '--every', style.includes('dateext') ? '1100' : '600');
        await writer.wrote(400);
        // A file that comes and goes out of the globs while the agent is down was never watched: the writer waits then.
        if (title.startsWith('the default')) writer.signal('SIGSTOP');
        await lab.kill9();
        if (!title.startsWith('the default')) await writer.rotated(writer.rotations + 1);
        await lab.start(settings);
        writer.signal('SIGCONT');
        await writer.rotated(writer.rotations + 1);
        await lab.server.down();
        await writer.rotated(writer.rotations + 1);
        await lab.server.up();
        await exactlyOnce(lab, { app: await writer.stop() }, settings);
      });

  // Only with the default exclusions: a copy that is packed before anyone saw it is taken for a file of its own.
  scenario('logrotate --style copytruncate --compress now: what was read before it comes once', async () => {
    await using lab = await startAgent();
    await using writer = writerOf(lab, '--style copytruncate --compress now');
    for (let turn = 1; turn <= 3; turn += 1) {
      await writer.wrote(writer.serial + 200);
      // All must have been read before the file is cut.
      writer.signal('SIGUSR2');
      await writer.held(turn);
      await lab.caughtUp();
      writer.signal('SIGUSR1');
      await writer.rotated(turn);
      writer.signal('SIGUSR2');
    }
    await exactlyOnce(lab, { app: await writer.stop() });
  });
}

if (status === 0) rotations();
else test('logrotate', { skip: stderr.trim() }, () => {});
