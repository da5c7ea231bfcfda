import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineShape } from '../../src/types/parser.js';
import { families, lineOf } from '../support/lines.js';
import { mutate } from '../support/lines/mutation.js';
import { anyLimits, KernelLab, type Call, type CallResult } from '../support/kernel-lab.js';
import { layouts } from '../support/twin-lanes.js';
import { Random } from '../support/random.js';

/** PANNIER_SEED replays a run; PANNIER_CALLS makes it longer. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const wantedCalls = Number(process.env.PANNIER_CALLS ?? '8000');

const shapes: readonly LineShape[] = (['none', 'cri', 'docker'] as const).flatMap((wrapper) =>
  (['text', 'guessed-text', 'json', 'access', 'dated-text'] as const).map((content) => ({
    wrapper,
    content,
    zonelessIsUtc: true,
    joins: false,
  })),
);

/** Bytes that would be taken for a part of a line that ends before them. */
const telling = Buffer.from('\n\r"\\}{ ,:0.=Z\u0000\x80\xbf\xff', 'latin1').toJSON().data;

/** What is escaped or replaced, and then takes several times its length. */
const growing: readonly string[] = ['\u0001', '"', '\\', '\xff'];

const headOf = ({ wrapper }: LineShape): string => (wrapper === 'cri' ? '2026-11-20T09:15:02Z stdout F ' : '');

/** Mostly lines of the shape that the call is for. */
function fill(random: Random, area: Buffer, shape: LineShape): void {
  if (random.oneIn(5)) {
    for (let at = 0; at < area.length; at += 1) area[at] = random.oneIn(20) ? 0x0a : random.below(256);
    return;
  }
  const { content } = shape;
  const wanted = content === 'json' || content === 'access' ? content : content === 'dated-text' ? 'dated' : 'text';
  const usual = families.filter((name) => name.includes(wanted));
  const wrapped = usual.filter((name) => name.startsWith(shape.wrapper));
  const family = random.pick(random.oneIn(5) ? families : wrapped.length > 0 ? wrapped : usual.slice(0, 2));
  const [growingIn, mutatedIn] = [random.pick([2, 10, 100]), random.pick([2, 10, 100])];
  for (let at = 0; at < area.length;) {
    const line = random.oneIn(growingIn)
      ? Buffer.concat([Buffer.from(headOf(shape)), Buffer.alloc(random.below(3000), random.pick(growing), 'latin1')])
      : Buffer.from(lineOf(random, family, random.oneIn(mutatedIn)));
    at += (random.oneIn(mutatedIn) ? mutate(random, line) : line).copy(area, at);
    at += area.write('\n', at);
  }
}

function callOf(random: Random, lab: KernelLab): Call {
  const at = random.oneIn(2) ? 0 : random.below(lab.source.length);
  const count = random.pick([0, 0, 0, 0, 1, lab.starts.length - 1, lab.starts.length]);
  return {
    at,
    to: random.oneIn(2) ? lab.source.length : random.between(at, lab.source.length),
    base: random.pick([0, 2 ** 32, 2 ** 52]),
    shape: random.pick(shapes),
    limits: { ...anyLimits, weight: random.pick([1e9, 1e9, 300]), weightSum: random.pick([1e9, 1e9, 2000]) },
    count,
    used: count === 0 ? 0 : random.oneIn(2) ? random.below(lab.slot.length + 1) : 100,
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const rangeOf = (
  { byteOffset, BYTES_PER_ELEMENT }: Float64Array | Uint32Array,
  first: number,
  last: number,
): Range => ({
  from: byteOffset + first * BYTES_PER_ELEMENT,
  to: byteOffset + last * BYTES_PER_ELEMENT,
});

/** What a call that took the items up to `after` may have written: beside the kernel's own tables and its area to unpack a line, which lie first. */
function mayWrite(lab: KernelLab, { count, used, shape }: Call, items: number): Range[] {
  const { slot, offsets, weights, times, starts, ends } = lab;
  // A line that was held and given back, too.
  const after = Math.min(items + Number(shape.joins), starts.length);
  return [
    { from: 0, to: lab.kernel.planArea.byteOffset },
    { from: slot.byteOffset + used, to: slot.byteOffset + slot.length },
    rangeOf(offsets, count + 1, after + 1),
    ...[weights, times, starts, ends].map((column) => rangeOf(column, count, after)),
  ];
}

/** Where the two differ first outside of the ranges; undefined: nowhere. */
function changedOutside(before: Buffer, after: Buffer, ranges: readonly Range[]): number | undefined {
  let at = 0;
  for (const { from, to } of [...ranges, { from: before.length, to: before.length }].sort((a, b) => a.from - b.from)) {
    if (from > at && before.compare(after, at, from, at, from) !== 0) {
      while (before[at] === after[at]) at += 1;
      return at;
    }
    at = Math.max(at, to);
  }
  return undefined;
}

interface Seen {
  readonly result: CallResult;
  readonly items: Buffer;
  readonly numbers: readonly number[];
}

/** Makes the call with `canary` in every byte that is not its own; nothing but what it may write changes. */
function callAmid(canary: number, lab: KernelLab, call: Call, lines: Buffer): Seen {
  const { at, to, count, used } = call;
  lab.memory.fill(canary, lab.begin);
  lines.copy(lab.source, at, 0, to - at);
  lab.offsets[count] = used;
  const before = Buffer.from(lab.memory);
  const result = lab.run(call);
  const changed = changedOutside(before, lab.memory, mayWrite(lab, call, result.count));
  assert.equal(changed, undefined, `byte ${changed} of the memory was written`);
  const bytes = lab.offsets[result.count] ?? used;
  assert.ok(bytes <= lab.slot.length && result.count <= lab.starts.length);
  const numbers: number[] = [];
  for (let i = count; i < result.count; i += 1)
    numbers.push(lab.offsets[i + 1]!, lab.weights[i]!, lab.times[i]!, lab.starts[i]!, lab.ends[i]!);
  return { result, items: Buffer.from(lab.slot.subarray(used, bytes)), numbers };
}

test('no input makes the kernel write where a call may not, read what it was not given, or grow its memory', (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  const random = new Random(seed);
  let items = 0;
  for (let calls = 0; calls < wantedCalls;) {
    const lab = new KernelLab({
      sourceBytes: random.pick([100, 5000, 20_000]),
      slotBytes: random.pick([200, 4000, 30_000, 100_000]),
      records: random.pick([1, 64, 64]),
      maxLineBytes: random.pick([64, 1000, 5000, 5000]),
      layout: layouts[random.pick(['http', 'cloudwatch line', 'one index'] as const)],
      statics: random.pick([{}, { service: { name: 'pay' } }]),
      joinTriggers: ['at ', 'Caused by:', 'r', '['],
      last: random.pick(['source', 'slot', 'columns'] as const),
    });
    const { buffer, length } = lab.memory;
    for (let i = 0; i < 20; i += 1) {
      let call = callOf(random, lab);
      let lines = Buffer.alloc(call.to - call.at);
      fill(random, lines, call.shape);
      // As in a lane: a line at which it stops is passed over, and it is asked again.
      for (let again = 0; again < 10 && lines.length > 0 && call.count < lab.starts.length; again += 1, calls += 1) {
        const [one, other] = [random.below(256), random.pick(telling)];
        const { result, items: written, numbers } = callAmid(one, lab, call, lines);
        assert.deepEqual(
          callAmid(other, lab, call, lines),
          { result, items: written, numbers },
          `amid ${other} as ${one}`,
        );
        const { at, count, blanks } = result;
        const passed = lines.subarray(0, at - call.at);
        assert.ok(at === call.at || passed.at(-1) === 0x0a, 'it stops between lines');
        assert.equal(passed.filter((byte) => byte === 0x0a).length, count - call.count + blanks);
        items += count - call.count;
        if (count === call.count && again > 2) break;
        const next = lines.indexOf(0x0a, at - call.at) + 1;
        lines = lines.subarray(next === 0 ? lines.length : next);
        call = { ...call, at: call.to - lines.length, count, used: call.used + written.length };
      }
    }
    assert.equal(lab.kernel.planArea.buffer, buffer, 'the memory is the same');
    assert.equal(buffer.byteLength, length);
  }
  t.diagnostic(`${wantedCalls} calls, ${items} items`);
  assert.ok(items > wantedCalls / 5, 'the calls do something');
});
