import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Job } from './agent.js';
import { provision, versionOf } from './provision.js';

/** syslog-ng with a file source and its http destination, from Debian's packages. */
export const syslogNg: Agent = {
  id: 'syslog-ng',
  title: 'syslog-ng',
  role: 'peer',
  pace: 'slow',
  notes:
    'file source → http() to `_bulk`, batches of 2 MB or 10,000 lines or 100 ms, two workers. `flow-control`: positions (the persist file) move with what was acknowledged. JSON by json-parser, nginx by csv-parser. It looks at its files each second (default), in live cases each 100 ms.',
  find() {
    const folder = provision('debian.sh', 'syslog-ng', ['syslog-ng-core', 'syslog-ng-mod-http']);
    const program = join(folder, 'usr/sbin/syslog-ng');
    return Promise.resolve({
      program,
      version: versionOf(program, ['--version'], /\((\d+\.\d+\.\d+)\)/, { ...process.env, ...environment(folder) }),
    });
  },
  plan({ program }, job) {
    if (job.gzip) return 'http() of this version does not pack';
    if (job.format.startsWith('cri')) return 'no parser of it unwraps CRI';
    const folder = join(program, '../../..');
    const file = (name: string) => join(job.folder, name);
    writeFileSync(file('syslog-ng.conf'), configuration(job));
    return {
      command: program,
      args: [
        '-F',
        '--no-caps',
        '--module-path',
        join(folder, 'usr/lib/syslog-ng/3.38'),
        '-f',
        file('syslog-ng.conf'),
        '-R',
        file('persist'),
        '-p',
        file('pid'),
        '-c',
        file('control'),
      ],
      env: environment(folder),
      parsed: job.format === 'json' || job.format === 'nginx',
    };
  },
};

function environment(folder: string): Record<string, string> {
  const own = join(folder, 'usr/lib/syslog-ng');
  return {
    LD_LIBRARY_PATH: [own, join(folder, 'usr/lib/x86_64-linux-gnu'), join(folder, 'lib/x86_64-linux-gnu')].join(':'),
  };
}

const configuration = (job: Job): string => `@version: 3.38
@module affile
@module http
@module json-plugin
@module csvparser
options { stats-freq(0); log-msg-size(1048576); keep-hostname(yes); use-dns(no); dns-cache(no); };
source logs {
  ${source(job)} flags(no-parse) follow-freq(${job.hurry ? '0.1' : '1'}) log-fetch-limit(1000) log-iw-size(60000));
};
${job.ports.map((port, index) => destination(job, port, index)).join('')}
log {
  source(logs);
  ${parser(job)}
  ${job.ports.map((_, index) => `destination(es${index});`).join(' ')}
  flags(flow-control);
};
`;

const source = ({ logs, names }: Job): string =>
  names.includes('*')
    ? `wildcard-file(base-dir("${logs}") filename-pattern("${names}") max-files(2000)`
    : `file("${join(logs, names)}"`;

function destination(job: Job, port: number, index: number): string {
  const tls = index === 0 && job.caFile !== undefined;
  return `destination es${index} {
  http(url("${tls ? 'https' : 'http'}://127.0.0.1:${port}/logs/_bulk") method("POST") headers("Content-Type: application/x-ndjson")
    batch-lines(10000) batch-bytes(2000000) batch-timeout(100) workers(2) timeout(30) retries(1000000) log-fifo-size(120000)
    persist-name("es${index}")${tls ? ` tls(ca-file("${job.caFile ?? ''}") peer-verify(yes))` : ''}
    delimiter("\\n") body-suffix("\\n") body('{"create":{}}
${document(job)}'));
};
`;
}

function document({ format }: Job): string {
  const own = '@timestamp=${R_ISODATE} log.file.path=${FILE_NAME}';
  const members = format === 'json' || format === 'nginx' ? '--subkeys .app.' : 'message=${MSG}';
  return `$(format-json --scope none ${own} ${members})`;
}

function parser({ format }: Job): string {
  if (format === 'json') return 'parser { json-parser(prefix(".app.")); };';
  if (format === 'nginx')
    return `parser { csv-parser(prefix(".app.") delimiters(" ") quote-pairs('""[]') columns("client", "ident", "user", "time", "request", "status", "bytes", "referrer", "agent")); };`;
  return '';
}
