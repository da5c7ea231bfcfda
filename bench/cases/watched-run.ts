import { coreTime, disturbance, type Disturbance, loadBefore } from '../measure/machine.js';

/** Notes how quiet the machine is, from now until `end`. */
export function watchMachine(): (ownCpuSeconds: number) => Disturbance {
  const load = loadBefore();
  const before = coreTime();
  const begun = process.hrtime.bigint();
  return (ownCpuSeconds) =>
    disturbance(load, before, coreTime(), Number(process.hrtime.bigint() - begun) / 1e9, ownCpuSeconds);
}
