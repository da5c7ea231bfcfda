import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileSystem } from '../../files/file-system.js';
import { rootsOf } from '../../files/globs.js';
import { nameOf } from '../../files/opener.js';
import { systemReason } from '../../files/system-error.js';
import { VolumeWatch } from '../../files/volume-watch.js';
import { isThere } from '../../files/retention.js';
import type { Configuration } from '../../types/configuration.js';
import { silentLog } from '../../types/log.js';
import { countOf, fail, ok, ourUser, sizeOf, warn, type Finding } from './finding.js';
import type { LogFolders } from './log-folders.js';

type VolumeSettings = Pick<Configuration, 'paths' | 'pin' | 'deleteShipped' | 'volumeLimit'>;

/** Room on the volumes of the logs, by the rules by which the running agent warns, and the rights that pins and deletion need. Writes nothing. */
export function checkLogVolume(fs: FileSystem, settings: VolumeSettings, logs: LogFolders): readonly Finding[] {
  const roots = rootsOf(settings.paths).filter((root) => isThere(fs, root));
  return [...room(fs, roots, settings, logs), ...pins(roots, settings, logs), ...deletion(settings, logs)];
}

function room(fs: FileSystem, roots: readonly string[], settings: VolumeSettings, { found }: LogFolders): Finding[] {
  const used = [...found.candidates.values()].reduce((sum, { stat }) => sum + stat.size, 0);
  const watch = new VolumeWatch(fs, silentLog);
  watch.look(roots, settings.volumeLimit, used);
  const { tightest, reasons } = watch;
  const check = 'room for logs';
  if (reasons.length > 0) return reasons.map(({ message, action }) => warn(check, message, action));
  if (tightest === undefined) return [];
  return [ok(check, `${sizeOf(tightest.freeBytes)} of ${sizeOf(tightest.bytes)} are free`)];
}

/** Without a pin the agent holds files open: what is deleted while it is down is lost, and that alone. So it is a warning. */
function pins(roots: readonly string[], { pin }: VolumeSettings, { matched }: LogFolders): Finding[] {
  if (pin === 'off') return [];
  const findings = roots.map((root) => {
    const reason = whyNotWritable(root);
    const check = `pins in ${root}`;
    if (reason === undefined) return ok(check, 'its folder can be made here');
    return warn(
      check,
      `can't be made: ${reason}`,
      `mount the volume writable for ${ourUser()}, or set PANNIER_PIN=off: files are held open only, so what is deleted while Pannier is down is lost`,
    );
  });
  const foreign = isLinkProtected() ? matched.map(nameOf).filter((path) => !mayLink(path)) : [];
  const [first] = foreign;
  if (first !== undefined)
    findings.push(
      warn(
        'pins',
        `the kernel (fs.protected_hardlinks) refuses them for ${countOf(foreign.length, 'file')}, such as ${first}`,
        `run Pannier as the owner of the logs, or let ${ourUser()} write to them`,
      ),
    );
  return findings;
}

/** What was asked for can't be done: the volume fills although it was set not to. So it is a failure. */
function deletion({ deleteShipped }: VolumeSettings, { matched }: LogFolders): Finding[] {
  if (deleteShipped === 'off') return [];
  const folders = [...new Set(matched.map((candidate) => dirname(nameOf(candidate))))];
  const barred = folders.flatMap((folder) => {
    const reason = whyNotWritable(folder);
    return reason === undefined
      ? []
      : [
          fail(
            `PANNIER_DELETE_SHIPPED in ${folder}`,
            `files can't be removed: ${reason}`,
            `mount the volume writable for ${ourUser()}, or leave PANNIER_DELETE_SHIPPED out`,
          ),
        ];
  });
  return barred.length > 0 ? barred : [ok('PANNIER_DELETE_SHIPPED', 'shipped files can be removed')];
}

/** Why nothing can be made or removed in a folder; undefined: it can. */
export function whyNotWritable(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}

function isLinkProtected(): boolean {
  try {
    return readFileSync('/proc/sys/fs/protected_hardlinks', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

/** proc(5), protected_hardlinks: the owner may link, root may, and whoever may read and write. */
function mayLink(path: string): boolean {
  const user = process.geteuid?.();
  try {
    if (user === 0 || statSync(path).uid === user) return true;
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
