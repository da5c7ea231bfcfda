import type { Agent } from './agent.js';
import { control } from './control.js';
import { fluentBit } from './fluent-bit.js';
import { naive } from './naive.js';
import { filebeat } from './filebeat.js';
import { pannier } from './pannier.js';
import { rsyslog } from './rsyslog.js';
import { syslogNg } from './syslog-ng.js';
import { vector } from './vector.js';
import { collector, collectorDirect } from './collector.js';

/** The only list of agents. In this order they take turns. */
export const agents: readonly Agent[] = [
  pannier,
  control,
  naive,
  rsyslog,
  syslogNg,
  filebeat,
  collector,
  collectorDirect,
  vector,
  fluentBit,
];
