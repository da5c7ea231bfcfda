import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beNice, type Priorities } from './niceness.js';

class Threads implements Priorities {
  readonly niceness = new Map([
    [10, 0],
    [11, 0],
    [12, 5],
  ]);
  constructor(private readonly refuse: (thread: number, niceness: number) => Error | undefined = () => undefined) {}
  threads = (): readonly number[] => [...this.niceness.keys()];
  get = (thread: number): number => this.niceness.get(thread)!;
  set = (thread: number, niceness: number): void => {
    const error = this.refuse(thread, niceness);
    if (error !== undefined) throw error;
    this.niceness.set(thread, niceness);
  };
}
const systemError = (code: string) =>
  Object.assign(new Error(`failed: ${code}`), { code: 'ERR_SYSTEM_ERROR', info: { code } });

test('every thread gets the niceness', () => {
  const threads = new Threads();
  assert.equal(beNice(7, 0, threads), undefined);
  assert.deepEqual([...threads.niceness.values()], [7, 7, 7]);
});

test('what did not change is left as it is: a process may have been started nicer', () => {
  const threads = new Threads();
  assert.equal(beNice(0, 0, threads), undefined);
  assert.deepEqual([...threads.niceness.values()], [0, 0, 5]);
});

test('a refusal is a warning that says what to do, and a thread that is gone is none', () => {
  const refused = beNice(2, 9, new Threads((thread) => (thread === 12 ? systemError('EACCES') : undefined)));
  assert.match(refused ?? '', /PANNIER_NICE=2 is without effect on 1 threads.*EACCES.*restart/);
  assert.equal(beNice(2, 0, new Threads((thread) => (thread === 11 ? systemError('ESRCH') : undefined))), undefined);
});
