import type { Case } from './case.js';
import { catchUp } from './catch-up.js';
import { live } from './live.js';
import { manyFiles } from './many-files.js';
import { pause } from './pause.js';
import { realServer } from './real-server.js';
import { startUp } from './start-up.js';

/** The only list of cases. */
export const cases: readonly Case[] = [
  catchUp({ id: 'raw', title: 'catch-up, raw text', format: 'raw', quick: true }),
  catchUp({ id: 'json', title: 'catch-up, JSON parsed and mapped', format: 'json', quick: true }),
  catchUp({
    id: 'nginx',
    title: 'catch-up, nginx access log',
    format: 'nginx',
    how: 'Pannier has no parser of it yet and ships the line as text; peers parse.',
  }),
  catchUp({
    id: 'cri',
    title: 'catch-up, CRI lines with text',
    format: 'cri',
    how: 'One record of fifty is split in two (P and F).',
  }),
  catchUp({
    id: 'cri-json',
    title: 'catch-up, CRI lines with JSON',
    format: 'cri-json',
    how: 'One record of fifty is split in two (P and F).',
  }),
  catchUp({ id: 'multibyte', title: 'catch-up, text in several languages', format: 'multibyte', part: 0.5 }),
  catchUp({
    id: 'traces',
    title: 'catch-up, stack traces',
    format: 'traces',
    part: 0.5,
    how: 'Each line is a record.',
  }),
  catchUp({
    id: 'raw-100',
    title: 'catch-up, raw text, lines of 100 B',
    format: 'raw',
    lineBytes: [100, 100],
    part: 0.5,
  }),
  catchUp({
    id: 'raw-2000',
    title: 'catch-up, raw text, lines of 2 KB',
    format: 'raw',
    lineBytes: [2000, 2000],
    part: 0.5,
  }),
  catchUp({
    id: 'json-2000',
    title: 'catch-up, JSON, lines of 2 KB',
    format: 'json',
    lineBytes: [2000, 2000],
    part: 0.5,
  }),
  catchUp({ id: 'gzip', title: 'catch-up, JSON, gzip level 1', format: 'json', gzip: true, part: 0.25 }),
  catchUp({ id: 'tls', title: 'catch-up, raw text, TLS', format: 'raw', tls: true, part: 0.5 }),
  catchUp({
    id: 'two-outputs',
    title: 'catch-up, raw text, two destinations',
    format: 'raw',
    outputs: 2,
    how: 'The figure of `raw`, divided by the one here, is what the second destination costs.',
  }),
  live({ id: 'live-1', title: 'live, 1 MB/s', format: 'raw', bytesPerSecond: 1e6, quick: true }),
  live({ id: 'live-10', title: 'live, 10 MB/s', format: 'raw', bytesPerSecond: 1e7 }),
  live({
    id: 'second-refuses',
    title: 'live, 1 MB/s, a second destination refuses connections',
    format: 'raw',
    bytesPerSecond: 1e6,
    second: 'refuses',
    how: 'Latency at the first destination.',
  }),
  live({
    id: 'second-silent',
    title: 'live, 1 MB/s, a second destination never answers',
    format: 'raw',
    bytesPerSecond: 1e6,
    second: 'silent',
    how: 'Latency at the first destination.',
  }),
  pause,
  startUp,
  manyFiles({ id: 'idle', title: 'idle, one quiet file', files: 1, bytes: 10_000, quick: true }),
  manyFiles({ id: 'quiet-200', title: 'idle, 200 quiet files', files: 200, bytes: 1e6 }),
  manyFiles({
    id: 'files-1000',
    title: '1000 files of 64 KB',
    files: 1000,
    bytes: 64e6,
    shipping: true,
    how: 'CPU %, RSS and RssAnon are those of the quiet afterwards.',
  }),
  realServer,
];
