import { createHash } from 'node:crypto';
import type { Configuration, OutputConfiguration } from '../src/types/configuration.js';
import { absoluteExclusion, absoluteGlob } from './globs.js';
import type { SettingsReader } from './read-settings.js';
import type { GlobalValues } from './schema.js';
import { globalSettings, variablePrefix } from './schema.js';
import type { Parsed } from './values.js';
import { parseListen } from './values.js';

interface Parts {
  readonly globals: GlobalValues;
  readonly outputs: readonly OutputConfiguration[];
  readonly reader: SettingsReader;
  readonly cwd: string;
}

/** The configuration from values that were read; problems with globs go to the reader's. */
export function assemble({ globals, outputs, reader, cwd }: Parts): Configuration {
  const globs = (
    items: readonly string[],
    env: string,
    absolute: (glob: string, cwd: string) => Parsed<string>,
  ): string[] =>
    items.flatMap((item) => {
      const glob = absolute(item, cwd);
      if ('value' in glob) return [glob.value];
      reader.problems.push({ where: reader.where(variablePrefix + env), ...glob });
      return [];
    });
  const paths = globs(globals.paths, globalSettings.paths.env, absoluteGlob);
  if (globals.paths.length === 0) {
    const where = reader.where(variablePrefix + globalSettings.paths.env);
    reader.problems.push({
      where,
      problem: 'names no files',
      suggestion: 'leave it out to read /var/log/app/**/*.log',
    });
  }
  const listen = parseListen(globals.listen);
  return {
    paths,
    exclude: globs(globals.exclude, globalSettings.exclude.env, absoluteExclusion),
    stateDir: globals.stateDir,
    format: globals.format,
    multiline: globals.multiline,
    startAt: globals.startAt,
    maxLineBytes: globals.maxLineBytes,
    partialLineTimeoutMs: globals.partialLineTimeout,
    multilineTimeoutMs: globals.multilineTimeout,
    multilineMaxBytes: globals.multilineMaxBytes,
    fields: globals.fields,
    serviceName: globals.serviceName,
    annotations: globals.annotations,
    podinfoDir: globals.podinfoDir,
    logMetrics: globals.logMetrics === 'on',
    listen: 'value' in listen ? listen.value : undefined,
    drainTimeoutMs: globals.drainTimeout,
    drainQuietMs: globals.drainQuiet,
    drainMinMs: globals.drainMin,
    exitOnFile: globals.exitOnFile,
    exitWhenIdleMs: globals.exitWhenIdle,
    exitZero: globals.exitZero,
    nice: globals.nice,
    logLevel: globals.logLevel,
    commitIntervalMs: globals.commitInterval,
    holdMaxBytes: globals.holdMaxBytes,
    holdMaxAgeMs: globals.holdMaxAge,
    holdGraceMs: globals.holdGrace,
    forgetAfterMs: globals.forgetAfter,
    pin: globals.pin,
    volumeLimit: globals.volumeLimit,
    deleteShipped: globals.deleteShipped,
    deadLetterMaxBytes: globals.deadLetterMaxBytes,
    onFatal: globals.onFatal,
    timezone: globals.timezone ?? 'UTC',
    control: globals.control,
    statusPublic: globals.statusPublic,
    outputs,
    hash: shortHash([reader.hashed, outputs.map(({ name, type }) => [name, type])]),
  };
}

/** Twelve hexadecimal digits: to see whether two processes run with the same settings. */
const shortHash = (values: unknown): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 12);
