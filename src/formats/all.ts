import type { LogRecord } from '../types/record.js';
import { access } from './access.js';
import { apache } from './apache.js';
import { awsElb } from './aws-elb.js';
import { compose } from './compose.js';
import { cri } from './cri.js';
import { csv } from './csv.js';
import { docker } from './docker.js';
import { dotnet } from './dotnet.js';
import { envoy } from './envoy.js';
import type { Format } from './format.js';
import { gin } from './gin.js';
import { haproxy } from './haproxy.js';
import { json } from './json.js';
import { jul } from './jul.js';
import { klog } from './klog.js';
import { logfmt } from './logfmt.js';
import { monolog } from './monolog.js';
import { mysql } from './mysql.js';
import { nginx } from './nginx.js';
import { php } from './php.js';
import { postgres } from './postgres.js';
import { rails } from './rails.js';
import { redis } from './redis.js';
import { s3Access } from './s3-access.js';
import { squid } from './squid.js';
import { suricata } from './suricata.js';
import { syslog } from './syslog.js';
import { text } from './text.js';
import { uwsgi } from './uwsgi.js';
import { w3c } from './w3c.js';
import { zap } from './zap.js';
import { zeek } from './zeek.js';

/** Formats that a line can have, also within a wrapper, in the order in which `auto` tries them. A new format is a file and an entry here. */
export const payloadFormats: readonly Format[] = [
  json,
  csv,
  klog,
  logfmt,
  envoy,
  awsElb,
  haproxy,
  access,
  nginx,
  apache,
  gin,
  s3Access,
  squid,
  suricata,
  w3c,
  zeek,
  uwsgi,
  redis,
  mysql,
  postgres,
  zap,
  monolog,
  php,
  rails,
  dotnet,
  jul,
  syslog,
  text,
];

/** Formats that wrap the line of another. They are tried first: their lines are narrower. */
export const wrapperFormats: readonly Format[] = [docker, cri, compose];

export const formats: readonly Format[] = [...wrapperFormats, ...payloadFormats];

/** Says who read the text of a record. A wrapper did not: what is in it was read, or not, by a format of its own. */
export function nameReader(record: LogRecord, { name }: Format): void {
  if (name !== cri.name && name !== docker.name && name !== compose.name) record.format = name;
}
