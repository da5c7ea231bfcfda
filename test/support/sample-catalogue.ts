import type { Catalogue, Input, Reading } from '../../config/load.js';
import { readConfiguration } from '../../config/load.js';
import { choice, duration, integer, path, secret, secretMap, text, urls } from '../../src/types/setting.js';

/** Types of outputs with a setting of each kind that the global ones lack; for tests of `config/`. */
export const sampleCatalogue: Catalogue = {
  stdout: { settings: {}, batchMaxBytes: '256KiB', batchMaxWait: '50ms' },
  file: {
    settings: { path: path({ env: 'PATH', required: true, doc: 'Where to write.' }) },
    batchMaxBytes: '256KiB',
    batchMaxWait: '50ms',
  },
  search: {
    settings: {
      url: urls({ env: 'URL', required: true, doc: 'Nodes. More about nodes.' }),
      apiKey: secret({ env: 'API_KEY', doc: 'Key.' }),
      password: secret({
        env: 'PASSWORD',
        doc: 'Password.',
        check: (value) => (value.includes('!') ? `"${value}" holds a "!"` : undefined),
      }),
      caFile: path({ env: 'CA_FILE', doc: 'Authorities.' }),
      ca: secret({ env: 'CA', doc: 'A secret whose twin would have the name of another setting.' }),
      endpoint: text({
        env: 'ENDPOINT',
        doc: 'A URL in a setting that is no URL by its kind.',
        check: (value) => `no: ${value}`,
      }),
      index: text({ env: 'INDEX', default: 'logs', doc: 'Index.' }),
      nodes: integer({ env: 'NODES', default: '2', min: '1', max: '5', doc: 'Nodes.' }),
    },
    batchMaxBytes: '2MiB',
    batchMaxWait: '1s',
  },
  http: {
    settings: {
      url: urls({ env: 'URL', required: true, doc: 'Where to post.' }),
      headers: secretMap({ env: 'HEADERS', doc: 'Headers.' }),
      compression: choice({ env: 'COMPRESSION', default: 'none', choices: ['none', 'gzip'], doc: 'Compression.' }),
      requestTimeout: duration({ env: 'REQUEST_TIMEOUT', default: '30s', doc: 'Timeout.' }),
      timeout: duration({ env: 'TIMEOUT', default: '30s', doc: 'Timeout.' }),
    },
    batchMaxBytes: '2MiB',
    batchMaxWait: '1s',
  },
};

/** Reads a configuration of the sample outputs; the files are by absolute path, and `/srv` is where relative ones begin. */
export function readSample(
  env: Input['env'],
  files: Readonly<Record<string, string>> = {},
  catalogue: Catalogue = sampleCatalogue,
): Promise<Reading> {
  return readConfiguration({
    env,
    catalogue,
    cwd: '/srv',
    readFile: (name) => {
      const content = Object.hasOwn(files, name) ? files[name] : undefined;
      if (content !== undefined) return Promise.resolve(content);
      return Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }));
    },
  });
}

/** The problems as `where: problem (suggestion)`. */
export async function problemsOf(...args: Parameters<typeof readSample>): Promise<string[]> {
  const { problems } = await readSample(...args);
  return problems.map(({ where, problem, suggestion }) =>
    suggestion === undefined ? `${where}: ${problem}` : `${where}: ${problem} (${suggestion})`,
  );
}
