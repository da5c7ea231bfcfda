/** What the preload of faults decides by: the control file's rules, as they are now. Only for `faults-preload.ts`. */
import { dirname, sep } from 'node:path';
import { controlVariable, type FaultRule, type Faults, type FaultyCall } from './faults-control.js';

interface Control {
  readonly clockOffsetMs: number;
  readonly rules: readonly FaultRule[];
}

/** A question for the time looks at the control file this often at most; a call that costs a system call anyway looks each time. */
const lookEveryMs = 50;

let read: (path: string) => string = () => '{}';
let stampOf: (path: string) => string = () => '';
let version = '';
let control: Control = { clockOffsetMs: 0, rules: [] };
let left = new Map<FaultRule, number>();
let lookedAt = -Infinity;
/** Reading the control file must not meet its own rules. */
let reading = false;

const controlFile = process.env[controlVariable];
const own = [process.execPath, process.argv[1] === undefined ? '' : dirname(process.argv[1]) + sep];

/** Node's own functions: the patched ones would ask here. `stamp`: another one whenever the file was replaced. */
export function setReader(reader: (path: string) => string, stamp: (path: string) => string): void {
  read = reader;
  stampOf = stamp;
}

export function readControl(atOnce = false): Control {
  const now = performance.now();
  if (controlFile === undefined || reading || (!atOnce && now - lookedAt < lookEveryMs)) return control;
  lookedAt = now;
  reading = true;
  try {
    const seen = stampOf(controlFile);
    if (seen === version) return control;
    version = seen;
    const { clockOffsetMs = 0, rules = [] } = JSON.parse(read(controlFile)) as Faults;
    control = { clockOffsetMs, rules };
    left = new Map(rules.map((rule) => [rule, rule.times ?? Infinity]));
  } catch {
    // It has been removed: the test is over.
    control = { clockOffsetMs: 0, rules: [] };
  } finally {
    reading = false;
  }
  return control;
}

/** The rule that this call meets. `path` is asked only when there is a rule for the call. */
export function ruleFor(call: FaultyCall, path: () => string): FaultRule | undefined {
  const { rules } = readControl(true);
  if (rules.length === 0 || reading) return undefined;
  let of: string | undefined;
  for (const rule of rules) {
    if (rule.call !== call) continue;
    of ??= path();
    const where = of;
    const fits =
      rule.path === '' ? !own.some((start) => start !== '' && where.startsWith(start)) : where.includes(rule.path);
    const times = left.get(rule) ?? 0;
    if (!fits || times <= 0 || Math.random() >= (rule.share ?? 1)) continue;
    left.set(rule, times - 1);
    return rule;
  }
  return undefined;
}

export function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: a fault of the test, ${syscall}`), { code, syscall, errno: -1 });
}
