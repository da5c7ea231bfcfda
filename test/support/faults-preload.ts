/**
 * Faults inside a program that does not know of them: `node --import faults-preload.js program.js`, with FAULTS_CONTROL naming the file that
 * `FaultControl` writes. It changes Node's own `fs`, `fs/promises` and `Date` before the program is loaded:
 *
 *   - rules make open, read, write, sync, stat or readdir of some paths fail (EIO, EMFILE, ENOSPC, …), come late or come short;
 *   - an offset steps the wall clock, by hours in either direction.
 *
 * What native code does by itself (LevelDB) is not reached: for that, fill or take away the file system. The control file is looked at when a
 * call is made (the clock: when the last look is 50 ms old), so that an idle program stays idle.
 */
import { createRequire } from 'node:module';
import type * as FsModule from 'node:fs';
import { readControl, ruleFor, setReader, systemError } from './faults-rules.js';

// The program is CommonJS and asks the module object at each call, so what is set there is what it gets.
const fs = createRequire(import.meta.url)('node:fs') as typeof FsModule;
const original = { ...fs };
setReader(
  (path) => original.readFileSync(path, 'utf8'),
  (path) => {
    const { ino, mtimeMs } = original.statSync(path);
    return `${ino} ${mtimeMs}`;
  },
);

type Callback = (error: Error | null, ...results: unknown[]) => void;
type Loose = (...args: unknown[]) => unknown;

const pathOf = (descriptor: unknown): string => {
  try {
    return original.readlinkSync(`/proc/self/fd/${String(descriptor)}`);
  } catch {
    return '';
  }
};

const nap = new Int32Array(new SharedArrayBuffer(4));

function patch(name: string, call: Loose): void {
  Object.assign(fs, { [name]: call });
}

/** `open(path, …, callback)`, `read(fd, …, callback)` and their like. `lengthAt`: the argument that says how many bytes. */
function patchCallback(
  name: 'open' | 'read' | 'write' | 'fsync' | 'fdatasync',
  call: 'open' | 'read' | 'write' | 'sync',
): void {
  const real = original[name] as Loose;
  patch(name, (...args) => {
    const rule = ruleFor(call, () => (call === 'open' ? String(args[0]) : pathOf(args[0])));
    if (rule === undefined) return real(...args);
    const begin = (): void => {
      if (rule.error !== undefined) (args.at(-1) as Callback)(systemError(rule.error, name));
      else {
        if (rule.most !== undefined && typeof args[3] === 'number') args[3] = Math.min(args[3], rule.most);
        real(...args);
      }
    };
    setTimeout(begin, rule.delayMs ?? 0);
    return undefined;
  });
}

function patchSync(
  name: 'openSync' | 'statSync' | 'lstatSync' | 'fstatSync' | 'readdirSync',
  call: 'open' | 'stat' | 'list',
): void {
  const real = original[name] as unknown as Loose;
  patch(name, (...args) => {
    const rule = ruleFor(call, () => (name === 'fstatSync' ? pathOf(args[0]) : String(args[0])));
    if (rule === undefined) return real(...args);
    if (rule.delayMs !== undefined) Atomics.wait(nap, 0, 0, rule.delayMs);
    if (rule.error !== undefined) throw systemError(rule.error, name);
    return real(...args);
  });
}

patchCallback('open', 'open');
patchCallback('read', 'read');
patchCallback('write', 'write');
patchCallback('fsync', 'sync');
patchCallback('fdatasync', 'sync');
for (const name of ['statSync', 'lstatSync', 'fstatSync'] as const) patchSync(name, 'stat');
patchSync('openSync', 'open');
patchSync('readdirSync', 'list');

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The methods of every file handle are those of one prototype, which the first handle shows. */
let handlesPatched = false;
function patchHandles(handle: object): void {
  if (handlesPatched) return;
  handlesPatched = true;
  const prototype = Object.getPrototypeOf(handle) as Record<string, Loose>;
  const methods = {
    read: 'read',
    write: 'write',
    writev: 'write',
    sync: 'sync',
    datasync: 'sync',
    stat: 'stat',
  } as const;
  for (const [name, call] of Object.entries(methods)) {
    const real = prototype[name];
    if (real === undefined) continue;
    prototype[name] = async function (this: { readonly fd: number }, ...args: unknown[]) {
      const rule = ruleFor(call, () => pathOf(this.fd));
      if (rule?.delayMs !== undefined) await later(rule.delayMs);
      if (rule?.error !== undefined) throw systemError(rule.error, name);
      if (rule?.most !== undefined && typeof args[2] === 'number') args[2] = Math.min(args[2], rule.most);
      return await real.apply(this, args);
    };
  }
}

const realOpen = original.promises.open as Loose;
Object.assign(fs.promises, {
  open: async (...args: unknown[]) => {
    const rule = ruleFor('open', () => String(args[0]));
    if (rule?.delayMs !== undefined) await later(rule.delayMs);
    if (rule?.error !== undefined) throw systemError(rule.error, 'open');
    const handle = (await realOpen(...args)) as object;
    patchHandles(handle);
    return handle;
  },
});

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + readControl().clockOffsetMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + readControl().clockOffsetMs;
  }
} as DateConstructor;
