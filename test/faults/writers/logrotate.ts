import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../support/agent-process.js';
import { Appender, say } from './appender.js';

// node logrotate.js FOLDER WRITER [--style create|nocreate|copytruncate] [--compress none|now|delay] [--dateext] [--every MS] [--pace N] [--lines N] [--keep N] [--seed N]
//
// An application that writes FOLDER/WRITER.log and the real logrotate over it, forced every so many ms and on SIGUSR1. On
// SIGUSR2 it holds its lines back, on the next one it goes on. Its postrotate script waits until the application has reopened its file, and with
// copytruncate the application waits for logrotate: otherwise logrotate itself would lose lines, which says nothing of who reads them.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    style: { type: 'string', default: 'create' },
    compress: { type: 'string', default: 'none' },
    dateext: { type: 'boolean', default: false },
    every: { type: 'string', default: '0' },
    pace: { type: 'string', default: '500' },
    lines: { type: 'string', default: '0' },
    keep: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const [folder, writer] = positionals;
if (folder === undefined || writer === undefined) throw new Error('logrotate.js FOLDER WRITER …');
const path = join(folder, `${writer}.log`);
const own = mkdtempSync(join(tmpdir(), 'pannier-logrotate-'));
process.on('exit', () => rmSync(own, { recursive: true, force: true }));
const script = join(projectRoot, 'test/services/provision/logrotate.sh');
const reopened = join(own, 'reopened');

/** What an operator writes into /etc/logrotate.d. */
function configuration(): string {
  const copies = values.style === 'copytruncate';
  const signal = [
    'postrotate',
    `rm -f ${reopened}; kill -HUP ${process.pid}; until [ -e ${reopened} ]; do sleep 0.01; done`,
    'endscript',
  ];
  const compression = { none: ['nocompress'], now: ['compress'], delay: ['compress', 'delaycompress'] }[
    values.compress
  ];
  if (compression === undefined) throw new Error(`--compress ${values.compress}`);
  return [
    `"${path}" {`,
    `rotate ${values.keep}`,
    'missingok',
    'notifempty',
    values.style === 'create' ? 'create 0640' : values.style,
    ...compression,
    // Without the seconds a second rotation of the day would be refused.
    ...(values.dateext ? ['dateext', 'dateformat -%Y%m%d-%s'] : []),
    ...(copies ? [] : signal),
    '}\n',
  ].join('\n');
}

async function rotate(appender: Appender): Promise<void> {
  const copies = values.style === 'copytruncate';
  if (copies) appender.paused += 1;
  const args = ['run', '--force', '--state', join(own, 'state'), join(own, 'logrotate.conf')];
  const child = spawn(script, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`logrotate ended with ${child.exitCode}: ${errors}`);
  if (copies) appender.paused -= 1;
  say({ event: 'rotated', from: path });
}

mkdirSync(folder, { recursive: true });
writeFileSync(join(own, 'logrotate.conf'), configuration(), { mode: 0o600 });
const number = (text: string): number => Number.parseInt(text, 10);
const appender = new Appender({
  path,
  writer,
  pace: number(values.pace),
  lines: number(values.lines),
  seed: number(values.seed),
});
const state = { wanted: false, held: false, writing: true };
process.on('SIGTERM', () => (appender.stopped = true));
process.on('SIGUSR1', () => (state.wanted = true));
process.on('SIGUSR2', () => {
  appender.paused += state.held ? -1 : 1;
  state.held = !state.held;
  if (state.held) say({ event: 'held', serial: appender.serial });
});
process.on('SIGHUP', () => {
  appender.reopen();
  writeFileSync(reopened, '');
});

const written = appender.run().finally(() => (state.writing = false));
let last = performance.now();
const every = number(values.every);
while (state.writing) {
  if (state.wanted || (every > 0 && performance.now() - last >= every)) {
    state.wanted = false;
    last = performance.now();
    await rotate(appender);
  }
  await wait(10);
}
await written;
say({ event: 'done', last: appender.serial });
process.exit(0);
