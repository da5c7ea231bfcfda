import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { exactlyOnce } from '../faults/writers/exactly-once.js';
import { ExternalWriter } from '../faults/writers/external-writer.js';
import { projectRoot } from '../support/agent-process.js';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';

const script = join(projectRoot, 'test/services/provision/log4j2.sh');
const { status, stderr } = spawnSync(script, ['prepare'], { encoding: 'utf8' });

/** `max`: the newest has the highest index that is free, and all are renamed when none is; `min`: all are renamed each time. */
const kinds = [
  '--pattern .%i.gz --file-index min',
  '--pattern .%i.gz --file-index nomax',
  '--pattern .%i --file-index min',
];

/** What finds the files: only the active one, or every form of it (an empty value would be the default). */
const settingsOf = {
  'the default exclusions': (folder: string) => ({ PANNIER_PATHS: join(folder, '*.log') }),
  'gzip files matched too': (folder: string) => ({
    PANNIER_PATHS: join(folder, '*.log*'),
    PANNIER_EXCLUDE: '**/*.tmp',
  }),
};

const start = (lab: Lab, kind: string): ExternalWriter =>
  new ExternalWriter(script, [
    'run',
    lab.logs.path,
    'app',
    ...kind.split(' '),
    '--pace',
    '800',
    '--max-bytes',
    '60000',
  ]);

function rollovers(): void {
  for (const kind of kinds)
    for (const [title, settingsFor] of Object.entries(settingsOf))
      scenario(`log4j2 ${kind}, ${title}: a kill and an outage later each line is there once`, async () => {
        await using lab = await prepareAgent();
        const settings = settingsFor(lab.logs.path);
        await lab.start(settings);
        await using writer = start(lab, kind);
        await writer.rotated(1);
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
        await writer.rotated(writer.rotations + 1);
        await exactlyOnce(lab, { app: await writer.stop() }, settings);
      });
}

if (status === 0) rollovers();
else test('log4j2', { skip: stderr.trim() }, () => {});
