import { choice, duration, text } from '../../src/types/setting.js';
import { groupProblem, streamProblem } from './names.js';

export const settings = {
  logGroup: text({
    env: 'LOG_GROUP',
    required: true,
    check: groupProblem,
    doc: 'Log group, with {pod} {namespace} {node} {container} {service} {host} and a date such as {yyyy.MM.dd} (UTC, of the file’s birth). Made when missing, if the role may.',
  }),
  logStream: text({
    env: 'LOG_STREAM',
    default: '{pod}',
    check: streamProblem,
    doc: 'Log stream, with the same placeholders. Made when missing, if the role may.',
  }),
  retentionDays: choice({
    env: 'RETENTION_DAYS',
    // Source: API reference, PutRetentionPolicy.
    choices: [
      ...(['1', '3', '5', '7', '14', '30', '60', '90', '120', '150', '180', '365', '400', '545', '731'] as const),
      ...(['1096', '1827', '2192', '2557', '2922', '3288', '3653'] as const),
    ],
    doc: 'Retention of a log group that Pannier makes. A group that exists already keeps its own. Without it, a new group keeps its events for ever.',
  }),
  body: choice({
    env: 'BODY',
    default: 'line',
    choices: ['line', 'json'],
    doc: 'Message of an event: the original line, or the record as JSON.',
  }),
  connectTimeout: duration({
    env: 'CONNECT_TIMEOUT',
    default: '10s',
    min: '100ms',
    max: '10m',
    doc: 'Longest time until there is a connection, the name looked up. A host that drops packets would otherwise cost the whole REQUEST_TIMEOUT of each attempt.',
  }),
  requestTimeout: duration({
    env: 'REQUEST_TIMEOUT',
    default: '30s',
    min: '100ms',
    max: '10m',
    doc: 'Longest time for one attempt, with the making of a missing group or stream. Region, endpoint and credentials come from the AWS_* variables, as in every AWS SDK.',
  }),
};

export const defaults = { batchMaxBytes: '1048576B', batchMaxWait: '5s' } as const;
