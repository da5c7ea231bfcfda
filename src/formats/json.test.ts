import { json } from './json.js';
import { promises } from './promises.js';

promises(json, {
  samples: [
    '{"level":30,"time":1795219397655,"pid":4242,"msg":"plain","trace_id":"0af7651916cd43dd8448eb211c80319c"}',
    '{"t":{"$date":"2026-11-21T00:03:28.903+02:00"},"s":"I","c":"NETWORK","msg":"m"}',
    '{"@t":"2026-11-21T00:03:28.2877166Z","@mt":"Cart {Id}","@l":"Fatal"}',
    '{"timestamp":"2026-11-21T00:03:28.287716Z","level":"INFO","fields":{"message":"listening","port":80}}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"m"}}]}]}]}',
    '{"record":{"level":{"name":"INFO"},"message":"m","time":{"repr":"x","timestamp":1}},"dd":{"trace_id":"1"}}',
  ],
  pieces: [
    '{"',
    '":{',
    '"}',
    '}',
    ',"msg":"a"',
    '"',
    '\\',
    '\\"',
    '\\u00',
    '[',
    ']',
    ',',
    ':',
    '"fields":{"message":',
    '"resourceLogs":[{"scopeLogs":[{"logRecords":[',
    '"body":{"stringValue":"x"}',
    '"level":{"name":"info"}',
    '"date":"2026-11-21"',
    '"time":{"seconds":1795219397,"nanos":1}',
    '"dd":{"trace_id":"12"}',
    '"__proto__":',
    '1e9',
    ' ',
    'é',
  ],
});
