import type { MappedKey } from '../../types/record.js';
import { javaScale, otelScale, pythonScale, syslogScale, type LevelScale } from './level-scales.js';

/**
 * Names of members that become `@timestamp`, `log.level`, `message`, `trace.id` and `span.id`, best first: of those in a line the first that can be
 * used is the one. A name says little, so a time has to read as one and a level as one; a message is any string. Names on one row are for each other's
 * writers never in one line; of two, the first in the line counts. They are, in this order, those of the contract, then those of loggers and
 * libraries, then such as mean something else elsewhere.
 */
const timeNames: readonly (readonly string[])[] = [
  ['@timestamp'],
  ['timestamp'],
  ['time'],
  ['ts'],
  ['Timestamp', 'TIMESTAMP', ...spelled('time stamp'), '@t', 'timeUnixNano', '__REALTIME_TIMESTAMP'],
  [
    'Time',
    'TIME',
    '@time',
    '_time',
    '_timestamp',
    'instant',
    'asctime',
    'datetime',
    'Datetime',
    ...spelled('date time'),
  ],
  [...spelled('time millis', 'time ms', 'timestamp ms', 'timestamp utc', 'unix timestamp'), 'ts_ms', 'dt', 'tstamp'],
  spelled('log time', 'log timestamp', 'log date', 'logged at', 'record time', 'utc time', 'time utc'),
  spelled('event time', 'event timestamp', 'event date', 'occurred at', 'emitted at', 'syslog timestamp'),
  ['time_iso8601', 'time_local', 'StartUTC', 'stageTimestamp', 'EdgeStartTimestamp', ...spelled('start time')],
  [...spelled('time generated', 'time created', 'created at', 'creation time', 'generated at'), 'created'],
  ['observedTimeUnixNano', 'ObservedTimestamp', 'requestReceivedTimestamp', 'receiveTimestamp', 'StartLocal', 'msec'],
  ['date', 'Date', 'DATE', 't', 'T', 'epoch', 'when', 'at', 'utc', 'unixtime', 'published', 'start', 'tm'],
];

const levelNames: readonly (readonly string[])[] = [
  ['levelname', '_level_name', ...spelled('level name', 'severity text', 'severity name', 'level text')],
  ['level'],
  ['severity'],
  ['lvl'],
  ['log.level'],
  ['Level', 'LEVEL', 'Severity', 'SEVERITY', 'loglevel', 'Loglevel', ...spelled('log level'), 'log-level', '@level'],
  ['@l', '@severity', 'sev', 'Sev', 'Lvl', 'LVL', ...spelled('log severity', 'error severity', 'event severity')],
  [
    'syslogseverity-text',
    'messageType',
    ...spelled('severity label', 'level str', 'level label', 'log lvl', 'event level'),
  ],
  ['PRIORITY', 'priority', 'Priority', 'syslogseverity', 's', 'l', 'L', 'at', ...spelled('syslog severity')],
  ['levelno', ...spelled('level value', 'severity number')],
];

/** `at` is a time for some and a level for others; its ranks have to be one. */
const atRank = 14;

const messageNames: readonly (readonly string[])[] = [
  ['message'],
  ['msg'],
  ['Message', 'Msg', 'MESSAGE', 'MSG', '@message', '@m', ...spelled('short message', 'log message')],
  ['textPayload', ...spelled('rendered message', 'formatted message', 'event message', 'message text', 'log text')],
  ['body', 'Body', 'event', '@mt', ...spelled('message template', 'full message')],
  ['text', 'Text', 'log', 'Log', 'logmsg', 'desc', 'description', 'output', 'M', ...spelled('log msg', 'log line')],
];

const traceNames: readonly (readonly string[])[] = [
  ['trace_id', 'traceId', 'traceID', 'traceid', 'TraceId', 'TraceID', 'trace-id', 'TRACE_ID', '@tr'],
  ['otelTraceID', 'otel.trace_id', 'otelTraceId', 'mdc.traceId', 'mdc.trace_id', 'logging.googleapis.com/trace'],
  [
    'dd.trace_id',
    'X-B3-TraceId',
    'x-b3-traceid',
    'b3.traceId',
    'contextMap.traceId',
    'contextMap.trace_id',
    '_traceId',
  ],
];
const spanNames: readonly (readonly string[])[] = [
  ['span_id', 'spanId', 'spanID', 'spanid', 'SpanId', 'SpanID', 'span-id', 'SPAN_ID', '@sp'],
  ['otelSpanID', 'otel.span_id', 'otelSpanId', 'mdc.spanId', 'mdc.span_id', 'logging.googleapis.com/spanId'],
  ['dd.span_id', 'X-B3-SpanId', 'x-b3-spanid', 'b3.spanId', 'contextMap.spanId', 'contextMap.span_id', '_spanId'],
];

/** Names under which a number is a level. */
export const levelScales: ReadonlyMap<string, LevelScale> = new Map([
  ...['PRIORITY', 'priority', 'Priority', 'syslogseverity', 'syslog_severity'].map(
    (key) => [key, syslogScale] as const,
  ),
  ...['severityNumber', 'severity_number', 'SeverityNumber'].map((key) => [key, otelScale] as const),
  ...['level_value', 'levelValue', 'LevelValue'].map((key) => [key, javaScale] as const),
  ['levelno', pythonScale],
]);

/**
 * Names whose lines only the object path reads, because what they mean is in an object, or in another member: Serilog (`@t`: no level is info),
 * OpenTelemetry, Rust's tracing, loguru, Google Cloud, journald, contexts of loggers; and scales whose numbers pino has too.
 */
const askedNames = [
  '@t',
  ...['body', 'Body', 'resourceLogs', 'resource_logs', 'record', 'jsonPayload', 'fields.message'],
  ...[
    'timestampSeconds',
    'timestampNanos',
    'mdc',
    'MDC',
    'contextMap',
    'dd',
    'levelno',
    'severityNumber',
    'severity_number',
    'SeverityNumber',
  ],
];

/** Names of several words as programs write them: `log_time`, `logTime`, `LogTime`, `LOG_TIME`. */
function spelled(...names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const words = name.split(' ');
    const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    const snake = words.join('_');
    return [snake, pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal, snake.toUpperCase()];
  });
}

const entries = (rows: readonly (readonly string[])[], becomes: MappedKey['becomes']): MappedKey[] =>
  rows.flatMap((names, rank) => names.map((key) => ({ key, becomes, rank: key === 'at' ? atRank : rank })));

/** What a member of one name may become: its rank for each, undefined when it can't become that. */
export interface Meaning {
  readonly time?: number;
  readonly level?: number;
  readonly message?: number;
  readonly trace?: number;
  readonly span?: number;
  /** The line takes a second look. */
  readonly asked?: number;
}

/** The names for the byte path: what a member of each may become. */
export const mappedKeys: readonly MappedKey[] = [
  ...entries(timeNames, 'time'),
  ...entries(levelNames, 'level'),
  ...entries(messageNames, 'message'),
  ...entries(traceNames, 'trace'),
  ...entries(spanNames, 'span'),
  ...askedNames.map((key) => ({ key, becomes: 'asked' as const, rank: 0 })),
];

/** The same by name. `fields` is for the kernel one of the agent's roots, and asks by `fields.message`. */
export const meanings: ReadonlyMap<string, Meaning> = mappedKeys.reduce(
  (map, { key, becomes, rank }) => map.set(key, { ...map.get(key), [becomes]: rank }),
  new Map<string, Meaning>([['fields', { asked: 0 }]]),
);
