import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readConfiguration } from '../config/load.js';
import { DryLane } from '../src/commands/parse/dry-lane.js';
import { nameOf, type Shown } from '../src/commands/parse/shown.js';

/**
 * Real log files, which lie beside the checkout where the project is developed: each is known as what a person would call it. What is parsed of each
 * is a table in docs/formats.md; `PANNIER_WRITE=1` writes it anew.
 */
const data = resolve('..', 'shared', 'data');
const page = resolve('docs', 'formats.md');
const isThere = existsSync(data);

/** What each sample evidently is; one that is not named here is JSON. (Of a file that begins with parts of Docker lines nothing shows that they are parts.) */
const evident: Readonly<Record<string, readonly string[]>> = {
  text: [
    'alloy/CRLF_UTF-16_LE_BOM.txt',
    'alloy/LF_UTF-16_LE_BOM.txt',
    'crowdsec/gitea-logs.log',
    'crowdsec/keycloak-logs.log',
    'elastic-examples/kafka-server-current.log',
    'elastic-examples/kafka-server.log',
    'elastic-examples/kafka-server.log.17',
    'encodings/gb18030.log',
    'encodings/latin1.log',
    'encodings/shift_jis.log',
    'encodings/utf16le_bom_crlf.log',
    'lnav/logfile_crlf.0',
    'lnav/logfile_epoch.0',
    'lnav/logfile_generic.0',
    'lnav/logfile_generic.1',
    'lnav/logfile_generic_nanos.0',
    'lnav/logfile_invalid_utf8.0',
    'lnav/logfile_java.0',
    'traces/go_panic.log',
    'traces/java_traces.log',
    'traces/node_errors.log',
  ],
  access: [
    'alloy/onelinelog.log.gz',
    'crowdsec/apache2-logs.log',
    'crowdsec/nginx-http-malformed.log',
    'crowdsec/nginx_http-logs.log',
    'crowdsec/traefik_clf.log',
    'elastic-examples/apache_logs',
    'lnav/logfile_access_log.0',
    'lnav/logfile_regexp_access_log.0',
  ],
  syslog: [
    'composed/syslog_rfc3164.log',
    'composed/syslog_rfc5424.log',
    'crowdsec/syslog-logs.log',
    'lnav/logfile_ansi.1',
    'lnav/logfile_dst.0',
    'lnav/logfile_rollover.1',
    'lnav/logfile_syslog.3',
  ],
  cri: ['crowdsec/cri-logs.log'],
  docker: ['crowdsec/docker-logs.log', 'fluent-bit/dockermode.log', 'fluent-bit/k8s_core_unescaping_json.log'],
  compose: ['lnav/logfile_caddy_log.0', 'lnav/logfile_docker_compose.0'],
  haproxy: ['crowdsec/haproxy-logs.log', 'lnav/logfile_haproxy.0'],
  mysql: ['crowdsec/mysql-logs.log', 'lnav/logfile_mysql_error.0'],
  postgres: ['crowdsec/pgsql-logs.log', 'lnav/logfile_postgres.0'],
  suricata: ['crowdsec/suricata-logs-fastlog.log'],
  klog: ['lnav/logfile_glog.0', 'loggers/go_klog.log'],
  logfmt: ['lnav/logfile_grafana.0', 'lnav/logfile_logfmt.0', 'loggers/go_logrus_text.logfmt'],
  monolog: ['lnav/logfile_laravel.1'],
  uwsgi: ['lnav/logfile_uwsgi.0'],
  w3c: ['lnav/logfile_w3c.0'],
  zap: ['lnav/logfile_zap_console.0', 'loggers/go_zap_development_console.log'],
  // Words without a time or a level; one trace among them; a time of day without a date.
  raw: [
    'fluent-bit/filter_multiline_test.log',
    'fluent-bit/generic_enc_gb18030.log',
    'fluent-bit/generic_enc_sjis.log',
    'fluent-bit/generic_enc_win1252.log',
    'fluent-bit/regex-001_test.log',
    'fluent-bit/unicode_j.log',
    'lnav/logfile_strace_log.0',
  ],
};

const evidentOf = (name: string): string =>
  Object.keys(evident).find((format) => evident[format]?.includes(name)) ?? 'json';

interface Sample {
  readonly name: string;
  readonly format: string;
  readonly records: number;
  readonly read: number;
  readonly withTime: number;
  readonly withLevel: number;
}

function* samplesIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (name !== 'licenses') yield* samplesIn(path);
    } else if (!/(?:\.md|\.out|\.utf8\.txt)$/.test(name)) yield path;
  }
}

async function parse(path: string): Promise<Sample> {
  const { configuration } = await readConfiguration({
    env: { PANNIER_PATHS: '/logs/*.log', PANNIER_STATE_DIR: '/state', PANNIER_MAX_LINE_BYTES: '256KiB' },
    catalogue: { stdout: { settings: {}, batchMaxBytes: '256KiB', batchMaxWait: '50ms' } },
    cwd: '/',
    readFile: () => Promise.reject(new Error('there is none')),
  });
  assert.ok(configuration !== undefined);
  const shown: Shown[] = [];
  const lane = await DryLane.open(configuration, {}, path, (one) => shown.push(one));
  const bytes = readFileSync(path);
  await lane.append(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  await lane.flush();
  const count = (fact: (one: Shown) => boolean): number => shown.filter(fact).length;
  return {
    name: relative(data, path),
    format: nameOf(
      shown
        .at(-1)
        ?.fileFormat.replace(/^auto:/, '')
        .split(' ', 1)[0] ?? '',
    ),
    records: shown.length,
    read: count(({ format }) => format !== ''),
    withTime: count(({ hasTime }) => hasTime),
    withLevel: count(({ parsed }) => parsed.level !== undefined),
  };
}

const share = (part: number, whole: number): string =>
  part === whole ? '100 %' : `${Math.floor((100 * part) / whole)} %`;

const row = ({ name, format, records, read, withTime, withLevel }: Sample): string =>
  `| \`${name}\` | ${format} | ${records} | ${share(read, records)} | ${share(withTime, records)} | ${share(withLevel, records)} |`;

const begin = '<!-- samples -->\n';
const end = '\n<!-- /samples -->';

test(
  'every real log file is known as what it evidently is, and the page says what is parsed of it',
  { skip: !isThere },
  async () => {
    const samples: Sample[] = [];
    for (const path of samplesIn(data)) samples.push(await parse(path));
    const head = '| file | known as | records | read | time | level |\n|---|---|---|---|---|---|';
    const table = [head, ...samples.map(row)].join('\n');
    const text = readFileSync(page, 'utf8');
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    assert.ok(from >= begin.length && to >= from, 'docs/formats.md has a place for the table');
    if (process.env['PANNIER_WRITE'] === '1') writeFileSync(page, text.slice(0, from) + table + text.slice(to));
    else
      assert.equal(
        text.slice(from, to),
        table,
        'docs/formats.md is stale: PANNIER_WRITE=1 npm test -- samples writes it',
      );
    const wrong = samples.filter(({ name, format }) => format !== evidentOf(name));
    assert.deepEqual(
      wrong.map(({ name, format }) => [name, format]),
      [],
    );
  },
);
