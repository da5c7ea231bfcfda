import { mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Desk } from '../writer.js';

/** Removes its file and makes a new one under the same name, which gets the old inode where the file system gives it out again. */
export async function recreate(desk: Desk): Promise<void> {
  const name = `${desk.plan.id}.log`;
  let file = desk.open(name);
  while (!desk.stop.aborted) {
    desk.write(file, await desk.due());
    if (!desk.isRotationDue()) continue;
    // Either all of it is safe, or the agent holds it open and nobody ends the agent before it is delivered.
    if (desk.random.oneIn(2) && desk.around.isSettled && desk.around.hasOpen(desk.at(name))) {
      const release = desk.around.keepAgent();
      const { count } = desk.journal;
      void desk.around.isSafe(desk.journal, count).finally(release);
    } else if (!(await desk.around.isSafe(desk.journal, desk.journal.count))) break;
    desk.close(file);
    rmSync(desk.at(name));
    desk.nextFile();
    file = desk.open(name);
  }
  desk.close(file);
}

const linesMost = 12;

/** Many files, each written once. In the end some are removed, some moved to another folder, some stay. */
export async function smallFiles(desk: Desk): Promise<void> {
  const { journal, random } = desk;
  mkdirSync(desk.at(`${desk.plan.id}-done`), { recursive: true });
  const staying: { readonly name: string; readonly end: number }[] = [];
  let number = 0;
  while (!desk.stop.aborted) {
    let due = await desk.due();
    while (due > 0) {
      const count = Math.min(due, 1 + random.below(linesMost));
      const name = `${desk.plan.id}-${number++}.log`;
      const file = desk.open(name);
      journal.generation++;
      desk.write(file, count);
      desk.close(file);
      staying.push({ name, end: journal.count });
      due -= count;
    }
    if (staying.length < 60) continue;
    const old = staying.splice(0, random.between(10, 40));
    if (!(await desk.around.isSafe(journal, old.at(-1)!.end))) break;
    for (const { name } of old) {
      if (random.oneIn(3)) renameSync(desk.at(name), desk.at(`${desk.plan.id}-done/${name}.old`));
      else if (random.oneIn(2)) rmSync(desk.at(name));
    }
  }
}
