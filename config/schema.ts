import { patternFlaw } from '../src/linear-regex.js';
import { formatNames } from '../src/types/format-names.js';
import { choice, duration, flag, integer, list, map, openChoice, path, size, text } from '../src/types/setting.js';
import type { Setting, ValuesOf } from '../src/types/setting.js';
import { outputProcessingSettings, processingOff, processingSettings } from './processing.js';
import { formatFlaw } from './patterns.js';
import { parseListen, parseTimezone } from './values.js';
import type { Parsed } from './values.js';

/** What every setting's variable begins with. */
export const variablePrefix = 'PANNIER_';

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** A type of output as `config` needs it; `outputs/registry.ts` lists them. */
export interface OutputType {
  readonly settings: SettingsTable;
  /** Default of BATCH_MAX_BYTES, e.g. `2MiB`. */
  readonly batchMaxBytes: string;
  /** Default of BATCH_MAX_WAIT, e.g. `1s`. */
  readonly batchMaxWait: string;
}

/** The types of outputs that exist, by name. */
export type Catalogue = Readonly<Record<string, OutputType>>;

const flawOf = (parsed: Parsed<unknown>): string | undefined =>
  'problem' in parsed
    ? `${parsed.problem}${parsed.suggestion === undefined ? '' : `: ${parsed.suggestion}`}`
    : undefined;

// Timers take no more than 2^31 - 1 ms (24.8 days); what is waited for has a maximum below that.

/** The settings that are not an output's, by the names of `Configuration`. */
export const globalSettings = {
  paths: list({
    env: 'PATHS',
    default: '/var/log/app/**/*.log',
    doc: 'Globs of the log files to read. Hidden files match. A relative glob begins at the working directory. The part before the first wildcard, the root, may not be `/`, `/proc`, `/sys` or `/dev`.',
  }),
  exclude: list({
    env: 'EXCLUDE',
    default: '**/*.gz,**/*.zst,**/*.tmp',
    doc: 'Globs of files that are left out. One that does not begin with `/`, `./` or `../` matches at any depth.',
  }),
  outputs: list({
    env: 'OUTPUTS',
    default: 'stdout',
    doc: 'Where the records go, in names of output types. `name=type` adds a second output of a type, with settings of its own: `audit=http` is configured by `PANNIER_AUDIT_URL` and so on, and inherits nothing from `PANNIER_HTTP_…`.',
  }),
  stateDir: path({
    env: 'STATE_DIR',
    default: '/var/lib/pannier',
    doc: 'Directory of the checkpoints, the dead letters and the control socket. Keep it on a volume that outlives the container.',
  }),
  config: path({
    env: 'CONFIG',
    doc: 'A YAML file with settings. A variable of the environment replaces the value of the file as a whole.',
  }),
  format: openChoice({
    env: 'FORMAT',
    default: 'auto',
    choices: formatNames,
    prefixes: ['regex:'],
    checkLater: (value) => formatFlaw(value),
    doc: 'How a line is read. `auto` looks at the first lines of each file and ships what it cannot parse as text. `regex:` is followed by a pattern in the syntax of RE2, without lookaround and backreferences; its named groups, as `(?<level>[A-Z]+)`, count as members, so `time`, `level` and `message` are found by name.',
  }),
  multiline: openChoice({
    env: 'MULTILINE',
    default: 'auto',
    choices: ['auto', 'off', 'java', 'python', 'go', 'node', 'dotnet', 'ruby', 'php', 'rust', 'dart', 'cpp', 'indent'],
    prefixes: ['start:'],
    checkLater: (value) => (value.startsWith('start:') ? patternFlaw(value.slice(6)) : Promise.resolve(undefined)),
    doc: 'How lines that belong together become one record: stack traces, indented lines, JSON over several lines, lines behind a dated one. `auto` knows the traces of all languages; the name of one only its own. `indent`: only lines that begin with white space. `start:<regex>`: a line in which the pattern occurs begins a record, all others go on with it. `off`: each line is a record.',
  }),
  startAt: choice({
    env: 'START_AT',
    default: 'beginning',
    choices: ['beginning', 'end'],
    doc: 'Where to begin in files that exist at the very first start. Files that appear later are read from their beginning.',
  }),
  catchUp: choice({
    env: 'CATCH_UP',
    default: 'oldest-first',
    choices: ['oldest-first', 'newest-first'],
    doc: 'What goes first when an output is behind. `oldest-first`: each file in order. `newest-first`: the files that grew last, and of one that is far behind (more than four batches) its newest lines; the older ones follow with what is left of the capacity. The order within a file then does not hold. Per output: `PANNIER_<NAME>_CATCH_UP`.',
  }),
  maxLineBytes: size({
    env: 'MAX_LINE_BYTES',
    default: '1MiB',
    min: '1KiB',
    max: '16MiB',
    doc: 'A longer line is split into numbered parts, not cut off. A line that does not fit into a batch is split as well.',
  }),
  partialLineTimeout: duration({
    env: 'PARTIAL_LINE_TIMEOUT',
    default: '30s',
    min: '10ms',
    max: '7d',
    doc: 'How long a last line without its line end waits for the rest. What comes later is a numbered part of the same line.',
  }),
  multilineTimeout: duration({
    env: 'MULTILINE_TIMEOUT',
    default: '3s',
    min: '10ms',
    max: '1h',
    doc: 'How long a group of lines waits for its next one.',
  }),
  multilineMaxBytes: size({
    env: 'MULTILINE_MAX_BYTES',
    default: '1MiB',
    min: '1KiB',
    max: '16MiB',
    doc: 'A group of lines ends at this size.',
  }),
  batchMaxBytes: size({
    env: 'BATCH_MAX_BYTES',
    min: '1KiB',
    max: '64MiB',
    doc: "Replaces every output type's own default of `PANNIER_<NAME>_BATCH_MAX_BYTES`, which still wins.",
  }),
  batchMaxWait: duration({
    env: 'BATCH_MAX_WAIT',
    max: '1h',
    doc: "Replaces every output type's own default of `PANNIER_<NAME>_BATCH_MAX_WAIT`, which still wins.",
  }),
  rateLimit: size({
    env: 'RATE_LIMIT',
    min: '16KiB',
    doc: 'Each output sends at most so many bytes per second, before compression, retries included: `5MB`. Lines wait in their files meanwhile, and a drain is not held back. `off`: no limit.',
  }),
  fields: map({ env: 'FIELDS', doc: 'Added to every record: `team=payments,env=prod`.' }),
  ...processingSettings,
  serviceName: text({
    env: 'SERVICE_NAME',
    doc: 'The `service.name` of the records. Not given: `OTEL_SERVICE_NAME`, `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, the labels `app.kubernetes.io/name` and `app`, then the container.',
  }),
  annotations: list({
    env: 'ANNOTATIONS',
    doc: 'Annotations of the pod that go into every record, below `kubernetes.annotations`: names, or patterns such as `example.com/*`. What is longer than 1024 characters, or beyond 8192 in all, is left out.',
  }),
  podinfoDir: path({
    env: 'PODINFO_DIR',
    default: '/etc/podinfo',
    doc: 'Where the downward API is mounted: files `labels` and `annotations`. They are read again every 5 s; when what goes into records changed, records from then on have it.',
  }),
  logMetrics: choice({
    env: 'LOG_METRICS',
    default: 'off',
    choices: ['on', 'off'],
    doc: '`on` counts records by file name and level: `pannier_log_records_total{file,level}`. Then the first output makes an object of each line, which costs several times more CPU.',
  }),
  listen: text({
    env: 'LISTEN',
    default: '0.0.0.0:9600',
    check: (value) => flawOf(parseListen(value)),
    doc: 'Address of health and metrics: `host:port`, `:port`, `[::]:port` or `off`. Control endpoints answer on loopback only.',
  }),
  drainTimeout: duration({
    env: 'DRAIN_TIMEOUT',
    default: '25s',
    min: '100ms',
    max: '1d',
    doc: 'Time after SIGTERM to deliver what is there. Keep it below the grace period of the pod (30 s by default). With `--once`: the longest time without progress.',
  }),
  drainQuiet: duration({
    env: 'DRAIN_QUIET',
    default: '1s',
    max: '1h',
    doc: 'A drain goes on reading until the files have been quiet for this long; `--once` waits this long for an open last line.',
  }),
  drainMin: duration({
    env: 'DRAIN_MIN',
    default: '0s',
    max: '1d',
    doc: 'Least time to go on reading after SIGTERM, for a classic sidecar that gets it together with the application.',
  }),
  exitOnFile: path({
    env: 'EXIT_ON_FILE',
    doc: 'Drain and exit when this file appears: for a Job without native sidecars. `off`: never.',
  }),
  exitWhenIdle: duration({
    env: 'EXIT_WHEN_IDLE',
    min: '100ms',
    max: '7d',
    doc: 'Drain and exit when the files have been quiet for this long and all is delivered. `off`: never.',
  }),
  exitZero: flag({
    env: 'EXIT_ZERO',
    default: 'false',
    doc: 'Exit with 0, not 75, when a drain passed its deadline: for a Job with a classic sidecar.',
  }),
  nice: integer({
    env: 'NICE',
    default: '0',
    min: '0',
    max: '19',
    doc: 'Niceness of the process: the higher, the sooner others get the CPU. It orders processes of one container, or of one host without containers; between containers the CPU requests decide. 0 leaves it as it was started.',
  }),
  logLevel: choice({
    env: 'LOG_LEVEL',
    default: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    doc: "Level of Pannier's own log, JSON on stderr.",
  }),
  commitInterval: duration({
    env: 'COMMIT_INTERVAL',
    default: '1s',
    min: '10ms',
    max: '1h',
    doc: 'How often positions are written to disk, synced. After a crash, what was delivered since the last time may be sent again.',
  }),
  holdMaxBytes: size({
    env: 'HOLD_MAX_BYTES',
    doc: 'How much of deleted files is kept for slow outputs. Not given: the lower of 1 GiB and a tenth of the volume. Beyond it the oldest are dropped, loudly.',
  }),
  holdMaxAge: duration({
    env: 'HOLD_MAX_AGE',
    default: '24h',
    doc: 'How long a deleted file is kept for slow outputs. After that it is dropped, loudly.',
  }),
  holdGrace: duration({
    env: 'HOLD_GRACE',
    default: '60s',
    max: '7d',
    doc: 'How long a renamed or deleted file that is finished stays open after its last growth, for late writes.',
  }),
  forgetAfter: duration({
    env: 'FORGET_AFTER',
    default: '7d',
    doc: 'How long the position in a file, or of an output, that is gone is remembered.',
  }),
  pin: choice({
    env: 'PIN',
    default: 'off',
    choices: ['off', 'auto'],
    doc: 'With `auto` each file that may have unshipped bytes gets a second name in `.pannier-pins` at its root, so that it may be deleted while Pannier is down, too. Needs a log volume that can be written, and `PANNIER_VOLUME_LIMIT`; where a link is refused it says so once and goes by open handles.',
  }),
  volumeLimit: size({
    env: 'VOLUME_LIMIT',
    doc: "The volume's own limit (`sizeLimit` of an emptyDir). Deleted files are kept, and pinned, up to 80 % of it.",
  }),
  deleteShipped: choice({
    env: 'DELETE_SHIPPED',
    default: 'off',
    choices: ['off', 'rotated'],
    doc: '`rotated` removes a file that was renamed away from its path once every output has acknowledged its last byte and it has not grown for `PANNIER_HOLD_GRACE`. Needs a writable log volume. An output that is added later does not get it any more.',
  }),
  deadLetterMaxBytes: size({
    env: 'DEAD_LETTER_MAX_BYTES',
    default: '64MiB',
    doc: 'Size of the dead-letter file of each output. When it is full the output waits; no letter is overwritten.',
  }),
  onFatal: choice({
    env: 'ON_FATAL',
    default: 'exit',
    choices: ['exit', 'stay'],
    doc: 'With `stay` an error of configuration or state does not end the process: probes answer 200, `/health` is `failing` with the full list, and it tries again when a file changes and every 30 s.',
  }),
  timezone: text({
    env: 'TIMEZONE',
    check: (value) => flawOf(parseTimezone(value)),
    doc: 'Time zone of times that name none, as in `Europe/Berlin`. Not given: `TZ`, else UTC.',
  }),
  control: choice({
    env: 'CONTROL',
    default: 'on',
    choices: ['on', 'off'],
    doc: '`off` removes `POST /quit` and `POST /reload`.',
  }),
  statusPublic: flag({
    env: 'STATUS_PUBLIC',
    default: 'false',
    doc: 'Show paths and error texts on `/` and `/health` also to callers outside loopback.',
  }),
} satisfies SettingsTable;

/** What every output has, whatever its type. */
export const outputSettings = {
  batchMaxBytes: size({
    env: 'BATCH_MAX_BYTES',
    min: '1KiB',
    max: '64MiB',
    doc: 'Largest batch, before compression. The destination may set a lower limit.',
  }),
  batchMaxWait: duration({
    env: 'BATCH_MAX_WAIT',
    max: '1h',
    doc: 'A batch is sent when it is full, or when this long has passed since the last one was started. The first record after a pause goes at once.',
  }),
  rateLimit: size({
    env: 'RATE_LIMIT',
    min: '16KiB',
    doc: 'Most bytes per second that this output sends, in place of `PANNIER_RATE_LIMIT`. `off`: no limit.',
  }),
  startAt: choice({
    env: 'START_AT',
    choices: ['beginning', 'end'],
    doc: 'Where this output begins when it is new. Not given: as `PANNIER_START_AT` at the very first start, and the beginning when it is added later.',
  }),
  catchUp: choice({
    env: 'CATCH_UP',
    choices: ['oldest-first', 'newest-first'],
    doc: 'What goes first when this output is behind. Not given: as `PANNIER_CATCH_UP`.',
  }),
  ...outputProcessingSettings,
} satisfies SettingsTable;

export type GlobalValues = ValuesOf<typeof globalSettings>;

/** Settings for which `off` means the same as not given (design, section 3). */
export const canBeOff: readonly Setting<unknown>[] = [
  globalSettings.exitOnFile,
  globalSettings.exitWhenIdle,
  globalSettings.rateLimit,
  outputSettings.rateLimit,
  ...processingOff,
];

/** Names that later versions give a meaning: no output may take them for its variables today, so that an upgrade breaks nothing. */
export const reservedNames = ['PIN', 'CATCH_UP'] as const;

/** The YAML key of a setting: its variable without the prefix, in lower case. */
export const yamlKey = (setting: Setting<unknown>): string => setting.env.toLowerCase();

/** The prefix of an output's variables: `PANNIER_MY_AUDIT_` for `my-audit`. */
export const outputPrefix = (name: string): string => `${variablePrefix}${name.toUpperCase().replaceAll('-', '_')}_`;

/** Settings that have a twin `X_FILE`, which names a file with the value. */
export const hasFileTwin = (setting: Setting<unknown>): boolean =>
  setting.kind === 'secret' || setting.kind === 'secret-map';
