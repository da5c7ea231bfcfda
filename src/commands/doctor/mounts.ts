import { readFileSync, realpathSync } from 'node:fs';

export interface Mount {
  readonly point: string;
  /** As `ext4`, `tmpfs`, `overlay`. */
  readonly type: string;
}

/** The mount that holds `path`; undefined where the system can't tell. */
export function mountOf(path: string): Mount | undefined {
  try {
    return mountIn(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(path));
  } catch {
    return undefined;
  }
}

/**
 * As `mountOf`, by the text of mountinfo; pure. proc(5): `36 35 98:0 /root /mount/point options [optional…] - type source options`, with blanks and
 * backslashes of a path in octal. Of mounts at one place the last is seen.
 */
export function mountIn(text: string, path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const written = before.split(' ')[4];
    const type = after.split(' ')[0] ?? '';
    if (written === undefined || type === '') continue;
    const point = written.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (holds && (best === undefined || point.length >= best.point.length)) best = { point, type };
  }
  return best;
}
