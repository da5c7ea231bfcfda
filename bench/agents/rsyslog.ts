import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFormat } from '../data/lines.js';
import type { Agent, Job } from './agent.js';
import { provision, versionOf } from './provision.js';

const libraries = (folder: string) => ({ LD_LIBRARY_PATH: join(folder, 'usr/lib/x86_64-linux-gnu') });

/** rsyslog with imfile and omelasticsearch, from Debian's packages. */
export const rsyslog: Agent = {
  id: 'rsyslog',
  title: 'rsyslog',
  role: 'peer',
  pace: 'slow',
  notes:
    'imfile (inotify) → omelasticsearch in bulk mode, unlimited retries. imfile moves its position when a line enters the queue, so the queue is on disk (with two destinations one for each), in batches of 4096. With a queue in memory, which a kill empties, raw text costs less than half as much. JSON by mmjsonparse, nginx by mmnormalize.',
  find() {
    const folder = provision('debian.sh', 'rsyslog', ['rsyslog', 'rsyslog-elasticsearch']);
    const program = join(folder, 'usr/sbin/rsyslogd');
    const version = versionOf(program, ['-v'], /rsyslogd\s+(\S+)/, { ...process.env, ...libraries(folder) });
    return Promise.resolve({ program, version });
  },
  plan({ program }, job) {
    if (job.gzip) return 'omelasticsearch does not pack';
    if (job.format.startsWith('cri')) return 'no module of it unwraps CRI';
    const folder = join(program, '../../..');
    writeFileSync(join(job.folder, 'rsyslog.conf'), configuration(job));
    if (job.format === 'nginx') writeFileSync(join(job.folder, 'nginx.rulebase'), rulebase);
    return {
      command: program,
      args: [
        '-n',
        '-f',
        join(job.folder, 'rsyslog.conf'),
        '-i',
        join(job.folder, 'pid'),
        '-M',
        join(folder, 'usr/lib/x86_64-linux-gnu/rsyslog'),
      ],
      env: libraries(folder),
      parsed: job.format === 'json' || job.format === 'nginx',
    };
  },
};

const configuration = (job: Job): string => `
global(workDirectory="${job.folder}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
${parser(job)[0]}
template(name="document" type="list") {
${document(job.format)}
}
ruleset(name="ship" ${job.ports.length === 1 ? diskQueue('lines') : direct}) {
${parser(job)[1]}
${job.ports.map((port, index) => destination(job, port, index)).join('\n')}
}
input(type="imfile" File="${join(job.logs, job.names)}" Tag="app" ruleset="ship" addMetadata="on"
  persistStateInterval="10000" persistStateAfterSubmission="on" reopenOnTruncate="on")
`;

const direct = 'queue.type="Direct"';
const diskQueue = (name: string): string =>
  `queue.type="Disk" queue.filename="${name}" queue.maxFileSize="64m" queue.size="1000000" queue.dequeueBatchSize="4096" queue.checkpointInterval="1000" queue.timeoutEnqueue="100000000"`;

function destination(job: Job, port: number, index: number): string {
  const tls = index === 0 && job.caFile !== undefined ? ` usehttps="on" tls.cacert="${job.caFile}"` : '';
  return `  action(type="omelasticsearch" name="es${index}" server="127.0.0.1" serverport="${port}"${tls} template="document" searchIndex="logs"
    searchType="" bulkmode="on" maxbytes="10m" writeoperation="index" action.resumeRetryCount="-1" action.resumeInterval="1" ${job.ports.length === 1 ? direct : diskQueue(`es${index}`)})`;
}

/** The module that parses, and its place in the ruleset. It puts members below `doc`, apart from imfile's own ones. */
function parser(job: Job): [string, string] {
  if (job.format === 'json')
    return ['module(load="mmjsonparse")', '  action(type="mmjsonparse" cookie="" container="$!doc")'];
  if (job.format === 'nginx')
    return [
      'module(load="mmnormalize")',
      `  action(type="mmnormalize" rulebase="${join(job.folder, 'nginx.rulebase')}" useRawMsg="off" path="$!doc")`,
    ];
  return ['', ''];
}

/** The fields that every agent adds: time, file, offset. */
function document(format: DataFormat): string {
  const own = `  constant(value="{") property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  constant(value=",\\"log\\":{") property(outname="file" name="$!metadata!filename" format="jsonf")
  constant(value=",") property(outname="offset" name="$!metadata!fileoffset" format="jsonf") constant(value="},")`;
  // The document of the line, without its first brace: ours is open already.
  if (format === 'json' || format === 'nginx') return `${own}\n  property(name="$!doc" position.from="2")`;
  return `${own}\n  property(outname="message" name="msg" format="jsonf") constant(value="}")`;
}

const rulebase = `version=2
rule=:%client:word% %ident:word% %user:word% [%time:char-to{"extradata":"]"}%] "%method:word% %path:word% HTTP/%protocol:char-to{"extradata":"\\""}%" %status:number% %bytes:number% "%referrer:char-to{"extradata":"\\""}%" "%agent:char-to{"extradata":"\\""}%"
`;
