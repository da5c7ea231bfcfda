import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scriptOf } from '../programs.js';
import type { Desk } from '../writer.js';

const kept = 4;
const run = promisify(execFile);

/** The real logrotate moves the file away (`create`), and maybe packs it, or copies and empties it; the writer goes on with what is at its path then. */
export async function logrotate(desk: Desk, style: 'create' | 'compress' | 'copytruncate'): Promise<void> {
  const name = `${desk.plan.id}.log`;
  const own = mkdtempSync(join(tmpdir(), 'pannier-torture-logrotate-'));
  const configuration = join(own, 'logrotate.conf');
  // A copy that is packed at once leaves nothing that could be known again: what is unread then is lost (the README's limits).
  const delays = style === 'copytruncate' || desk.random.oneIn(2);
  const packs = style === 'compress' || (style === 'copytruncate' && desk.random.oneIn(2));
  const lines = [
    `rotate ${kept}`,
    style === 'copytruncate' ? 'copytruncate' : 'create 0644',
    ...(packs ? ['compress', ...(delays ? ['delaycompress'] : [])] : ['nocompress']),
  ];
  try {
    writeFileSync(configuration, `"${desk.at(name)}" {\n${lines.join('\n')}\n}\n`, { mode: 0o600 });
    let file = desk.open(name);
    while (!desk.stop.aborted) {
      desk.write(file, await desk.due());
      if (!desk.isRotationDue(kept)) continue;
      await run(scriptOf('logrotate'), ['run', '--force', '--state', join(own, 'state'), configuration]);
      if (style !== 'copytruncate') {
        // It notices late, unless the old file is being packed.
        for (let late = packs && !delays ? 0 : desk.random.below(4); late > 0; late--)
          desk.write(file, await desk.due());
        desk.close(file);
        file = desk.open(name);
      }
      desk.nextFile();
    }
    desk.close(file);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
