import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Desk } from '../writer.js';

const kept = 4;

/** `compress`: at once, or with the next rotation (logrotate's `delaycompress`), or never. */
export type Compress = 'never' | 'at once' | 'delayed';

/** NAME becomes NAME.1, that becomes NAME.2 and so on, as logrotate does. The writer notices late: until then it writes to the old file. */
export async function rename(desk: Desk, compress: Compress = 'never'): Promise<void> {
  const name = `${desk.plan.id}.log`;
  let file = desk.open(name);
  while (!desk.stop.aborted) {
    desk.write(file, await desk.due());
    if (!desk.isRotationDue(kept)) continue;
    shift(desk, name, compress);
    for (let late = desk.random.below(4); late > 0; late--) desk.write(file, await desk.due());
    desk.close(file);
    desk.nextFile();
    file = desk.open(name);
    if (compress === 'at once') pack(desk, `${name}.1`, `${name}.1.gz`);
  }
  desk.close(file);
}

function shift(desk: Desk, name: string, compress: Compress): void {
  rmSync(desk.at(`${name}.${kept}`), { force: true });
  rmSync(desk.at(`${name}.${kept}.gz`), { force: true });
  for (let number = kept - 1; number > 0; number--)
    for (const end of ['', '.gz']) {
      const from = desk.at(`${name}.${number}${end}`);
      if (existsSync(from)) renameSync(from, desk.at(`${name}.${number + 1}${end}`));
    }
  renameSync(desk.at(name), desk.at(`${name}.1`));
  if (compress === 'delayed' && existsSync(desk.at(`${name}.2`))) pack(desk, `${name}.2`, `${name}.2.gz`);
}

/** As gzip does: the packed file is there, whole, before the plain one goes. */
function pack(desk: Desk, from: string, to: string): void {
  writeFileSync(desk.at(to), gzipSync(readFileSync(desk.at(from))));
  rmSync(desk.at(from));
}
