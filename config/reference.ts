import type { Setting } from '../src/types/setting.js';
import type { Catalogue, SettingsTable } from './schema.js';
import { globalSettings, hasFileTwin, outputPrefix, outputSettings, variablePrefix, yamlKey } from './schema.js';

/** The page `docs/reference.md`: every setting from its one declaration. Pure. */
export function referencePage(catalogue: Catalogue): string {
  const types = Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    introduction,
    '## For the whole agent\n',
    table(globalSettings, variablePrefix, ''),
    '## For every output\n',
    `\`<NAME>\` is the output's name in upper case, with \`_\` for \`-\`.\n`,
    table(outputSettings, `${variablePrefix}<NAME>_`, 'outputs.<name>.'),
    'A batch is by default, unless `PANNIER_BATCH_MAX_BYTES` or `PANNIER_BATCH_MAX_WAIT` says otherwise for all:\n',
    batchDefaults(types),
    ...types.flatMap(([type, { settings }]) => [
      `## Output type ${type}\n`,
      Object.keys(settings).length === 0
        ? 'No settings of its own.\n'
        : table(settings, outputPrefix(type), `outputs.${type}.`),
    ]),
    foreign,
  ].join('\n');
}

const introduction = `# Settings

<!-- Generated from the settings' declarations: change those, then run \`npm run reference\`. -->

Every setting is a variable of the environment, or a key of the YAML file that \`PANNIER_CONFIG\` names. A variable replaces the value of
the file as a whole; an empty one is unset. \`pannier config\` shows what is set and from where, \`pannier validate\` checks it.

| kind | form |
|---|---|
| duration | digits with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`250ms\`, \`5s\`; or \`0\` |
| size | digits with \`B\`, \`KB\`, \`MB\`, \`GB\` (powers of 1000), \`KiB\`, \`MiB\` or \`GiB\` (powers of 1024) |
| list | comma-separated; a comma inside \`{}\`, \`[]\`, \`()\` or double quotes does not separate. In YAML also a list |
| map | \`key=value,key2=value2\`, split at the first \`=\`. In YAML also a map |
| URLs | a list of http or https URLs |
| flag | \`true\` or \`false\` |
| secret | never shown. \`X_FILE\` instead of \`X\` names a file with the value, of which one line end at the end is cut; a file with a map may also hold one \`Name: value\` per line |

In the file \`outputs:\` is a map of names, and its order is that of \`PANNIER_OUTPUTS\`:

\`\`\`yaml
paths: [/var/log/app/**/*.log]
fields: { team: payments }
outputs:
  elasticsearch:
    url: https://es.example:9200
    api_key_file: /run/secrets/es-key
  audit:
    type: http
    url: https://audit.example/in
\`\`\`
`;

/** Variables that others define (contract, "Settings beyond the table"; design, section 3). */
const foreign = `## Variables of others

| variable | meaning |
|---|---|
| \`TZ\` | Time zone of times that name none, where \`PANNIER_TIMEZONE\` is not given |
| \`HTTPS_PROXY\`, \`NO_PROXY\` | Honoured by every output |
| \`AWS_…\` | Region, endpoint and credentials of CloudWatch, as in every AWS SDK |
| \`POD_NAME\`, \`POD_NAMESPACE\`, \`POD_UID\`, \`NODE_NAME\`, \`CONTAINER_NAME\` | Who the pod is: set them from the downward API |
| \`OTEL_SERVICE_NAME\` | The \`service.name\` of the records, where \`PANNIER_SERVICE_NAME\` is not given |
| \`PANNIER_SERVICE_HOST\`, \`PANNIER_PORT\`, … | Set by Kubernetes for services whose name begins with \`pannier\`; ignored |
`;

function table(settings: SettingsTable, prefix: string, keyPrefix: string): string {
  const rows = Object.values(settings).map((setting) => {
    const key = setting.env === globalSettings.config.env && keyPrefix === '' ? '' : code(keyPrefix + yamlKey(setting));
    return row([code(prefix + setting.env), key, kindOf(setting), defaultOf(setting), meaningOf(setting)]);
  });
  return `${row(['variable', 'YAML key', 'kind', 'default', 'meaning'])}|---|---|---|---|---|\n${rows.join('')}`;
}

function batchDefaults(types: readonly (readonly [string, Catalogue[string]])[]): string {
  const rows = types.map(([type, { batchMaxBytes, batchMaxWait }]) =>
    row([type, code(batchMaxBytes), code(batchMaxWait)]),
  );
  return `${row(['type', 'default of `BATCH_MAX_BYTES`', 'default of `BATCH_MAX_WAIT`'])}|---|---|---|\n${rows.join('')}`;
}

function kindOf(setting: Setting<unknown>): string {
  switch (setting.kind) {
    case 'secret-map':
      return 'secret map';
    case 'urls':
      return 'URLs';
    case 'integer':
      return 'whole number';
    case 'choice':
      return [...(setting.choices ?? []), ...(setting.prefixes ?? []).map((prefix) => `${prefix}…`)]
        .map(code)
        .join(' ');
    case 'text':
    case 'secret':
    case 'size':
    case 'duration':
    case 'flag':
    case 'list':
    case 'map':
    case 'path':
      return setting.kind;
  }
}

function defaultOf({ required, default: standard }: Setting<unknown>): string {
  if (required) return '**required**';
  return standard === undefined || standard === '' ? '' : code(standard);
}

function meaningOf(setting: Setting<unknown>): string {
  const { doc, min, max } = setting;
  const bounds = [
    ...(min === undefined ? [] : [`at least ${code(min)}`]),
    ...(max === undefined ? [] : [`at most ${code(max)}`]),
  ];
  const sentence = bounds.length === 0 ? [] : [`${bounds.join(', ').replace(/^a/, 'A')}.`];
  const twin = hasFileTwin(setting) ? [`Or \`…_${setting.env}_FILE\`.`] : [];
  return [doc, ...sentence, ...twin].join(' ');
}

const code = (text: string): string => `\`${text}\``;

/** A bar would end the cell, inside of code too. */
const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
