import { poison } from '../line.js';
import type { Desk } from '../writer.js';

/** One file that only grows; some of its lines are refused by a destination. */
export async function append(desk: Desk): Promise<void> {
  const name = `${desk.plan.id}.log`;
  let file = desk.open(name);
  while (!desk.stop.aborted) {
    const due = await desk.due();
    desk.write(file, due, () => {
      if (!desk.random.oneIn(400)) return undefined;
      const output = desk.random.pick(['elasticsearch', 'http'] as const);
      return { output, text: poison[output] };
    });
    // As a shell does: open, append, close.
    if (desk.random.oneIn(50)) {
      desk.close(file);
      file = desk.open(name);
    }
  }
  desk.close(file);
}

/** Lines that come in several writes, and some that are longer than the agent takes in one piece. */
export async function partial(desk: Desk): Promise<void> {
  const file = desk.open(`${desk.plan.id}.log`);
  while (!desk.stop.aborted) {
    let due = await desk.due();
    while (due > 0) {
      const whole = Math.min(due, desk.random.below(200));
      desk.write(file, whole);
      const bytes = desk.random.oneIn(20) ? desk.random.between(30_000, 100_000) : desk.random.between(80, 3_000);
      await desk.writeInPieces(file, bytes, desk.random.between(2, 4));
      due -= whole + 1;
    }
  }
  desk.close(file);
}
