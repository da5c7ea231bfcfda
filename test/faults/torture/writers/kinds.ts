import type { WriterKind } from '../plan.js';
import type { Desk } from '../writer.js';
import { append, partial } from './append.js';
import { copytruncate } from './copytruncate.js';
import { log4j2, python } from './driven.js';
import { logrotate } from './logrotate.js';
import { recreate, smallFiles } from './recreate.js';
import { rename } from './rename.js';

/** A writer writes until its desk's `stop`; every line it began is whole when it returns. */
export const writers: Record<WriterKind, (desk: Desk) => Promise<void>> = {
  append,
  partial,
  rename: (desk) => rename(desk),
  compress: (desk) => rename(desk, 'at once'),
  delaycompress: (desk) => rename(desk, 'delayed'),
  copytruncate: (desk) => copytruncate(desk, (number) => `${desk.plan.id}.log.${number}`),
  'copytruncate-matched': (desk) => copytruncate(desk, (number) => `${desk.plan.id}-${number}.log`),
  recreate,
  'small-files': smallFiles,
  python: (desk) => python(desk, 'plain'),
  'python-gzip': (desk) => python(desk, 'gzip'),
  logrotate: (desk) => logrotate(desk, 'create'),
  'logrotate-compress': (desk) => logrotate(desk, 'compress'),
  'logrotate-copytruncate': (desk) => logrotate(desk, 'copytruncate'),
  log4j2,
};
