import { copyFileSync, existsSync, ftruncateSync, renameSync, rmSync } from 'node:fs';
import type { Desk } from '../writer.js';

const kept = 4;

/** NAME is copied and emptied, while the writer goes on with it. `nameOf`: the copy's name by its number, in the globs or outside of them. */
export async function copytruncate(desk: Desk, nameOf: (number: number) => string): Promise<void> {
  const name = `${desk.plan.id}.log`;
  const file = desk.open(name);
  while (!desk.stop.aborted) {
    desk.write(file, await desk.due());
    if (!desk.isRotationDue(kept)) continue;
    rmSync(desk.at(nameOf(kept)), { force: true });
    for (let number = kept - 1; number > 0; number--) {
      const from = desk.at(nameOf(number));
      if (existsSync(from)) renameSync(from, desk.at(nameOf(number + 1)));
    }
    // Nothing is written between the two: what would be is lost, whoever reads.
    copyFileSync(desk.at(name), desk.at(nameOf(1)));
    ftruncateSync(file);
    desk.nextFile();
  }
  desk.close(file);
}
