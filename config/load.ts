import type { Configuration, OutputConfiguration } from '../src/types/configuration.js';
import type { ConfigProblem } from '../src/types/errors.js';
import { ConfigError } from '../src/types/errors.js';
import { assemble } from './assemble.js';
import { contradictions } from './contradictions.js';
import type { Environment } from './layers.js';
import { environmentLayer, timezoneDefault, yamlLayer } from './layers.js';
import type { NamedOutput } from './output-names.js';
import { nameOutputs } from './output-names.js';
import type { ReadFile } from './read-file.js';
import type { Default, Layer, ListedSetting } from './read-settings.js';
import { SettingsReader } from './read-settings.js';
import type { Catalogue, OutputType } from './schema.js';
import { processingOf } from './processing.js';
import type { GlobalValues } from './schema.js';
import { globalSettings, outputPrefix, outputSettings, variablePrefix } from './schema.js';
import type { Vocabulary } from './vocabulary.js';
import { unknownVariable, vocabulary } from './vocabulary.js';

export type { Catalogue, OutputType } from './schema.js';
export type { ListedSetting } from './read-settings.js';

export interface Input {
  readonly env: Environment;
  readonly catalogue: Catalogue;
  readonly readFile: ReadFile;
  /** What relative paths begin at. */
  readonly cwd: string;
  /** What the process may take, in bytes; left out: as much as it likes. */
  readonly memoryLimit?: number | undefined;
}

/** What is known of the configuration, also when it has problems. */
export interface Reading {
  /** undefined: there are problems. */
  readonly configuration: Configuration | undefined;
  readonly problems: readonly ConfigProblem[];
  /** Every setting with its value and source, secrets masked; those of outputs follow the global ones. */
  readonly listing: readonly ListedSetting[];
  /** What is no problem but may surprise, one sentence each. */
  readonly notes: readonly string[];
  /** The YAML file and the files of secrets that were named, absolute, readable or not: when one changes, it is worth reading again. */
  readonly watchFiles: readonly string[];
  /** What a process needs to say what is wrong: the values of these settings that are well, defaults for those that are not. */
  readonly survival: Pick<Configuration, 'onFatal' | 'listen' | 'stateDir' | 'logLevel' | 'control' | 'statusPublic'>;
}

/** As `readConfiguration`. @throws ConfigError with all problems at once */
export async function loadConfiguration(input: Input): Promise<Reading & { readonly configuration: Configuration }> {
  const reading = await readConfiguration(input);
  const { configuration } = reading;
  if (configuration === undefined) throw new ConfigError(reading.problems);
  return { ...reading, configuration };
}

/** Reads the environment, the YAML file and the files of secrets. Never throws: whatever is wrong is among `problems`. */
export async function readConfiguration({ env, catalogue, readFile, cwd, memoryLimit }: Input): Promise<Reading> {
  const environment = environmentLayer(env);
  const yaml = await yamlLayer(environment.get(`${variablePrefix}CONFIG`), { catalogue, readFile, cwd });
  const reader = new SettingsReader([environment, yaml.values], readFile, cwd);
  reader.problems.push(...yaml.problems);

  const defaults = new Map<string, Default>([['timezone', timezoneDefault(env)]]);
  if (yaml.outputs !== undefined) defaults.set('outputs', yaml.outputs.chosen);
  const globals = await reader.table(globalSettings, { prefix: variablePrefix, defaults, demandRequired: true });

  const declared = yaml.outputs?.declared ?? [];
  const named = nameOutputs(globals.outputs, reader.where(`${variablePrefix}OUTPUTS`), catalogue, declared);
  const { known, problems } = vocabulary(named.outputs, declared, catalogue);
  reader.problems.push(...named.problems, ...problems);
  // A file that can't be understood may have named the output whose variable seems unknown, and set what seems to be missing.
  if (yaml.complete) {
    const unknown = [...environment.keys()].map((variable) => unknownVariable(variable, known, catalogue));
    reader.problems.push(...unknown.filter((problem) => problem !== undefined), ...yaml.unknown(known));
  }

  const outputs: OutputConfiguration[] = [];
  for (const output of named.outputs) {
    const type = catalogue[output.type];
    if (type !== undefined)
      outputs.push(await readOutput(output, type, { reader, known, globals, demandRequired: yaml.complete }));
  }
  const configuration = assemble({ globals, outputs, reader, cwd });
  reader.problems.push(
    ...contradictions(
      configuration,
      { where: (variable) => reader.where(variable), isGiven: (variable) => reader.isGiven(variable) },
      memoryLimit,
    ),
  );
  return {
    configuration: reader.problems.length === 0 ? configuration : undefined,
    problems: reader.problems,
    listing: reader.listing,
    notes: [environment, yaml.values].flatMap((layer) => withoutEffect(layer, known)),
    watchFiles: [...new Set([...yaml.files, ...reader.files])],
    survival: configuration,
  };
}

async function readOutput(
  { name, type }: NamedOutput,
  { settings, batchMaxBytes, batchMaxWait }: OutputType,
  parts: { reader: SettingsReader; known: Vocabulary; globals: GlobalValues; demandRequired: boolean },
): Promise<OutputConfiguration> {
  const { reader, known, globals, demandRequired } = parts;
  const options = {
    prefix: outputPrefix(name),
    demandRequired,
    twinOf: (variable: string) => (known.get(`${variable}_FILE`)?.twin === true ? `${variable}_FILE` : undefined),
  };
  // The type's default, then the global setting, then the output's own.
  const standard = (env: string, ofType: string): Default => {
    const given = reader.given(variablePrefix + env);
    return given === undefined ? { text: ofType, source: 'default' } : given;
  };
  const defaults = new Map<string, Default>([
    ['batchMaxBytes', standard(outputSettings.batchMaxBytes.env, batchMaxBytes)],
    ['batchMaxWait', standard(outputSettings.batchMaxWait.env, batchMaxWait)],
  ]);
  const common = await reader.table(outputSettings, { ...options, defaults });
  return {
    name,
    type,
    batchMaxBytes: common.batchMaxBytes ?? 0,
    batchMaxWaitMs: common.batchMaxWait ?? 0,
    rateLimit: reader.isGiven(options.prefix + outputSettings.rateLimit.env) ? common.rateLimit : globals.rateLimit,
    startAt: common.startAt,
    catchUp: common.catchUp ?? globals.catchUp,
    processing: processingOf(globals, common, (env) => reader.isGiven(options.prefix + env)),
    settings: await reader.table(settings, options),
  };
}

/** Settings of outputs that are not in use: they may stay, but who set them may have forgotten to name the output. */
function withoutEffect(layer: Layer, known: Vocabulary): string[] {
  return [...layer].flatMap(([variable, { where }]) => {
    const meaning = known.get(variable);
    return meaning?.used === false ? [`${where} has no effect: PANNIER_OUTPUTS does not name ${meaning.output}`] : [];
  });
}
