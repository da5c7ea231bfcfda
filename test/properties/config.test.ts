import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { globalSettings, hasFileTwin, outputPrefix, outputSettings, variablePrefix } from '../../config/schema.js';
import { loadConfiguration } from '../../config/load.js';
import { ConfigError } from '../../src/types/errors.js';
import { readSample, sampleCatalogue } from '../support/sample-catalogue.js';

/** A secret that occurs in nothing else. */
const secret = 'hUnTeR2sEcReT';

const outputNames = [...Object.keys(sampleCatalogue), 'audit', 'x-y'];
const typeSettings = Object.values(sampleCatalogue).flatMap(({ settings }) => Object.values(settings));
const variables = [
  ...Object.values(globalSettings).map(({ env }) => variablePrefix + env),
  ...outputNames.flatMap((name) =>
    [...Object.values(outputSettings), ...typeSettings].flatMap(({ env }) => [
      outputPrefix(name) + env,
      `${outputPrefix(name)}${env}_FILE`,
    ]),
  ),
];
const fragment = fc.constantFrom(
  ...[
    'stdout',
    'search',
    'http',
    'file',
    'audit=http',
    'x-y=search',
    'x-y',
    '=',
    ',',
    ',',
    '/',
    '**',
    '/proc',
    '..',
    '!',
  ],
  ...[
    '5s',
    '10MiB',
    '-1',
    '0',
    'true',
    'off',
    'json',
    'stay',
    'http://',
    'h:9200',
    '@',
    ':',
    '{',
    '}',
    '"',
    '(',
    '\n',
    '\0',
    '\u202e',
  ],
  ...['__proto__', 'constructor', 'c.yaml', 'key', ' '],
);
const text = fc.oneof(
  fc.array(fragment, { maxLength: 5 }).map((parts) => parts.join('')),
  fc.string(),
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...variables) },
  fc.string({ unit: 'binary-ascii' }).map((tail) => variablePrefix + tail),
  fc.constantFrom('TZ', 'PATH', '__proto__', 'PANNIER_', 'PANNIER_PORT', 'PANNIER___PROTO___URL'),
);
const environment = fc
  .array(fc.tuple(name, text), { maxLength: 12 })
  .map((entries): Record<string, string> => Object.fromEntries(entries));
const yaml = fc.array(
  fc.oneof(
    fragment,
    fc.constantFrom('outputs', 'paths', 'url', 'api_key', ': ', '\n', '\n  ', '- ', '&a ', '*a', '[', ']'),
  ),
  { maxLength: 25 },
);

test('no environment and no file make loading fail with anything but a ConfigError that lists its problems', () =>
  fc.assert(
    fc.asyncProperty(environment, yaml, text, async (env, words, content) => {
      const files: Record<string, string> = { '/srv/c.yaml': words.join(''), '/srv/key': content };
      const loading = loadConfiguration({
        env: { PANNIER_CONFIG: 'c.yaml', ...env },
        catalogue: sampleCatalogue,
        cwd: '/srv',
        readFile: (path) => {
          const found = files[path];
          return found === undefined ? Promise.reject(new Error('none')) : Promise.resolve(found);
        },
      });
      const outcome = await loading.catch((error: unknown) => error);
      if (!(outcome instanceof Error)) return;
      assert.ok(outcome instanceof ConfigError, String(outcome.stack));
      assert.ok(outcome.problems.length > 0);
      for (const { where, problem, suggestion = '' } of outcome.problems) {
        assert.ok(where !== '' && problem !== '');
        assert.ok(!/\p{Cc}/u.test(where + problem + suggestion), JSON.stringify([where, problem, suggestion]));
      }
    }),
    { numRuns: 150 },
  ));

const secrets = outputNames.flatMap((output) =>
  typeSettings
    .filter(hasFileTwin)
    .map(({ env }) => ({ variable: outputPrefix(output) + env, key: env.toLowerCase(), output })),
);
/** Ways to hold the secret, well-formed and not. */
const holding = fc
  .tuple(
    fc.constantFrom('', 'a=', 'a=b,', '{', '"', 'Name: ', '!', 'x\n'),
    fc.constantFrom('', ',', '=', '\n\n', '!', ',a', '"'),
  )
  .map(([before, after]) => `${before}${secret}${after}`);
const url = fc.constantFrom(
  ...[
    `http://u:${secret}@h`,
    `http://${secret}@h`,
    `http://u:${secret}/@h`,
    `https://u:1?${secret}@h`,
    `http://h/?t=${secret}`,
  ],
  ...[
    `ftp://u:${secret}@h`,
    `http://u:${secret}@`,
    `http://u:${secret}@h,nonsense`,
    `http://a,http://u:${secret}@b c`,
    `u:${secret}@h:9200`,
  ],
);

test('a secret is in no problem, no listing and no note, wherever and however it was given', () =>
  fc.assert(
    fc.asyncProperty(
      environment,
      fc.constantFrom(...secrets),
      holding,
      url,
      fc.constantFrom('environment', 'file', 'yaml', 'broken yaml'),
      async (others, { variable, key, output }, value, address, way) => {
        const env: Record<string, string> = {
          ...others,
          PANNIER_OUTPUTS: 'search,http,audit=http,x-y=search',
          PANNIER_SEARCH_URL: address,
          PANNIER_HTTP_URL: address,
          PANNIER_SEARCH_ENDPOINT: address,
          PANNIER_CONFIG: 'c.yaml',
        };
        const files: Record<string, string> = { '/srv/secret': value, '/srv/c.yaml': '' };
        if (way === 'environment') env[variable] = value;
        else if (way === 'file') env[`${variable}_FILE`] = 'secret';
        else {
          const types: Record<string, string> = { audit: 'http', 'x-y': 'search' };
          const written = way === 'yaml' ? JSON.stringify(value) : value;
          files['/srv/c.yaml'] =
            `outputs:\n  ${output}:\n    type: ${types[output] ?? output}\n    ${key}: ${written}\n`;
        }
        const { problems, listing, notes } = await readSample(env, files);
        const shown = `${JSON.stringify([problems, listing, notes])}${new ConfigError(problems).message}`;
        assert.ok(!shown.includes(secret), shown);
      },
    ),
    { numRuns: 150 },
  ));
