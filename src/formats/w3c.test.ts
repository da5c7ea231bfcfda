import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParser } from './parser.js';
import { promises } from './promises.js';
import { parseLines } from './testing.js';
import { w3c } from './w3c.js';
import { zeek } from './zeek.js';

const header = '#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent)';
const entry = '2026-11-20 09:15:02 192.0.2.7 GET /cart 200 curl';

promises(w3c, {
  samples: [
    header,
    entry,
    '2026-11-20\t09:15:02\t192.0.2.7\tGET\t/a b\t200\t-',
    '#Software: IIS',
    '#Date: 2026-11-20 09:15:02',
  ],
  pieces: ['#Fields: ', 'date ', 'time ', 'cs(Host) ', '2026-11-20 ', '09:15:02 ', ' ', '\t', '+', '- '],
  header,
});

promises(zeek, {
  samples: ['#fields\tts\tuid\turi', '1795511702.123456\tC1\t/a b', '#separator \\x09', '#path\thttp'],
  pieces: ['#fields\t', 'ts\t', 'uid', '1795511702.123456', '\t', ' ', '"', '- ', '(empty)'],
  header: '#fields\tts\tuid\turi',
});

test('the header is remembered over a restart', () => {
  const options = { timezone: 'UTC', maxGroupBytes: 1 << 20 };
  const before = createParser('auto', { ...options, remembered: '' });
  parseLines(before, [header, entry]);
  const after = createParser('auto', { ...options, remembered: before.format });
  assert.equal(parseLines(after, ['no header', entry]).records[1]?.message, 'GET /cart 200');
});

test('a line with a hash that is no directive is not left out', () => {
  const parser = createParser('auto', { timezone: 'UTC', maxGroupBytes: 1 << 20, remembered: '' });
  const lines = [
    '# Fields of the report',
    '#Fields: of gold',
    '#Version: of the truth',
    '#!/bin/sh',
    '#Date: tomorrow',
    '#fields of gold',
  ];
  assert.deepEqual(
    parseLines(parser, lines).answers,
    lines.map(() => 'record'),
  );
});
