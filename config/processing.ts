import { patternFlaw } from '../src/linear-regex.js';
import { dropFlaw, renameFlaw } from '../src/types/field-paths.js';
import { filterFlaw, patternsOf } from '../src/types/filter-check.js';
import { levelNames } from '../src/types/levels-in-order.js';
import type { ProcessingSettings } from '../src/types/processing-settings.js';
import { sampleFlaw, throttleFlaw } from '../src/types/rates.js';
import { patternNameFlaw, redactionFlaw, redactionNames } from '../src/types/redaction-names.js';
import { choice, list, map, secret, text } from '../src/types/setting.js';
import type { Setting, ValuesOf } from '../src/types/setting.js';

const shortestKey = 16;

/** What is done to records before they are sent: for all outputs, and for each, where its own setting replaces the value as a whole. */
export const processingSettings = {
  minLevel: choice({
    env: 'MIN_LEVEL',
    choices: levelNames,
    doc: 'Records below this level are left out, and counted. One without a level passes. `off`: all pass.',
  }),
  filter: text({
    env: 'FILTER',
    check: filterFlaw,
    checkLater: filterPatternFlaw,
    doc: 'Records for which this is not true are left out, and counted: `level >= warn and not (path matches "^/health")`. Comparisons `== != < <= > >=`, `in (a, b)`, `contains`, `matches` (a pattern in linear time), `exists(a.b)`, `and`, `or`, `not`, parentheses. On the left a field: `level`, `message`, `time`, `logger`, `line`, `log.file.path`, a dotted path of the line, or of what the agent adds; one with other letters in backticks. On the right a word, a number or text in quotes. A comparison with a field that a record lacks is false. Parts of a line that was split pass.',
  }),
  sample: text({
    env: 'SAMPLE',
    check: sampleFlaw,
    doc: 'The share of records that is sent: `0.1` or `10%`. `10% by trace.id`: records with the same value together. Errors and fatal ones always pass, unless it ends in `including errors`. The choice is by a hash, so that what is read again is chosen again.',
  }),
  throttle: text({
    env: 'THROTTLE',
    check: throttleFlaw,
    doc: 'So many records pass of each file: `100/s`, also `/m` and `/h`; or of each value of a field: `100/s by level`. Time is that of the records, so that a backlog is not cut down; of a file without times it is the clock. What was held back is counted, and told of within 10 s by a record `throttled: 1234 records of …` with `event.count`. A crash or a reload loses that record, never the count. Of more than 4096 values the further ones share one rate.',
  }),
  dedupe: choice({
    env: 'DEDUPE',
    default: 'off',
    choices: ['on', 'off'],
    doc: 'With `on` a record that says what the one before it in its file said is held back: the same level, logger, message and fields; its time does not count. `repeated 41 times: …`, with `event.count`, goes before the next other record, or after 10 s. Parts of a split line and records of more than 4096 characters are never held back.',
  }),
  dropFields: list({
    env: 'DROP_FIELDS',
    check: dropFlaw,
    doc: 'Fields that are not sent, as dotted paths: those of the line, `log.level`, `log.logger`, and what the agent adds (`kubernetes.labels`, `host`). Not `@timestamp`, `message`, `log.file`, `log.offset` and `log.part`. An output that sends the line itself sends it whole.',
  }),
  renameFields: map({
    env: 'RENAME_FIELDS',
    check: renameFlaw,
    doc: "New names of the line's fields by their old ones, as dotted paths: `usr=user.name,http.path=url.path`. A field keeps its name where the new one is taken. An output that sends the line itself sends it as it is.",
  }),
  redact: list({
    env: 'REDACT',
    check: redactionFlaw,
    doc: `Secrets that are replaced in all that leaves: message, fields and their names, the line where it is sent itself, dead letters, error texts. ${redactionNames.map((name) => `\`${name}\``).join(' ')} or \`all\`. \`cards\`: numbers of payment cards whose check digit is right. \`auth\`: Bearer and Basic credentials, Authorization headers, \`user:password@\` of URLs. \`keys\`: private key blocks; one that comes as several records is known by its first and last line and by full lines of base64, so a short line of it between them is not. A secret that is cut by the splitting of a line above PANNIER_MAX_LINE_BYTES is not known. A number that is redacted becomes text.`,
  }),
  redactPatterns: map({
    env: 'REDACT_PATTERNS',
    check: patternNameFlaw,
    checkLater: ownPatternFlaw,
    doc: 'Own patterns by name, which is shown in their place: `iban=[A-Z]{2}[0-9]{13,32},ticket=TCK-[0-9]+`. RE2 syntax, in linear time.',
  }),
  redactMode: choice({
    env: 'REDACT_MODE',
    default: 'mask',
    choices: ['mask', 'hash'],
    doc: '`mask`: `[redacted:email]`. `hash`: `[email:kfbgaodmpcnhjlei]`, the first 64 bits of an HMAC-SHA256 under `REDACT_KEY`, so that equal values stay equal.',
  }),
  redactKey: secret({
    env: 'REDACT_KEY',
    check: (value) => (value.length < shortestKey ? `is too short: at least ${shortestKey} characters` : undefined),
    doc: 'Key of the hashes of `REDACT_MODE=hash`.',
  }),
} satisfies Readonly<Record<string, Setting<unknown>>>;

/** The same for one output: what is given replaces the value for all. */
export const outputProcessingSettings = {
  minLevel: ofOutput(processingSettings.minLevel),
  filter: ofOutput(processingSettings.filter),
  sample: ofOutput(processingSettings.sample),
  throttle: ofOutput(processingSettings.throttle),
  dedupe: ofOutput(processingSettings.dedupe),
  dropFields: ofOutput(processingSettings.dropFields),
  renameFields: ofOutput(processingSettings.renameFields),
  redact: ofOutput(processingSettings.redact),
  redactPatterns: ofOutput(processingSettings.redactPatterns),
  redactMode: ofOutput(processingSettings.redactMode),
  redactKey: ofOutput(processingSettings.redactKey),
};

function ofOutput<T>(setting: Setting<T>): Setting<T> {
  const doc = `Replaces \`PANNIER_${setting.env}\` for this output.`;
  return { ...setting, default: undefined, doc };
}

/** Settings for which `off` is the same as not given; for an output it turns off what is set for all. */
export const processingOff: readonly Setting<unknown>[] = [processingSettings, outputProcessingSettings].flatMap(
  (table) => [
    table.minLevel,
    table.filter,
    table.sample,
    table.throttle,
    table.dropFields,
    table.renameFields,
    table.redact,
    table.redactPatterns,
  ],
);

export type ProcessingValues = ValuesOf<typeof processingSettings>;

/** What holds for an output: each value of its own where `isOwn` says that there is one, else the global one. */
export function processingOf(
  globals: ProcessingValues,
  own: ProcessingValues,
  isOwn: (env: string) => boolean,
): ProcessingSettings {
  const pick = <Key extends keyof ProcessingValues>(key: Key): ProcessingValues[Key] | undefined =>
    (isOwn(processingSettings[key].env) ? own : globals)[key];
  return {
    minLevel: pick('minLevel'),
    filter: pick('filter'),
    sample: pick('sample'),
    throttle: pick('throttle'),
    dedupe: pick('dedupe') === 'on',
    dropFields: pick('dropFields') ?? [],
    renameFields: pick('renameFields') ?? {},
    redact: pick('redact') ?? [],
    redactPatterns: pick('redactPatterns') ?? {},
    redactMode: pick('redactMode') ?? 'mask',
    redactKey: pick('redactKey'),
  };
}

async function filterPatternFlaw(filter: string): Promise<string | undefined> {
  for (const { pattern, column } of patternsOf(filter)) {
    const flaw = await patternFlaw(pattern);
    if (flaw !== undefined) return `column ${column}: ${flaw}`;
  }
  return undefined;
}

async function ownPatternFlaw(patterns: Readonly<Record<string, string>>): Promise<string | undefined> {
  for (const [name, pattern] of Object.entries(patterns)) {
    const flaw = await patternFlaw(pattern);
    if (flaw !== undefined) return `${name}: ${flaw}`;
  }
  return undefined;
}
