import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, levelOfMember } from './levels.js';

test('every word and number of the contract has its level', () => {
  const words = {
    trace: ['trace', 'silly', '10'],
    debug: ['debug', 'verbose', '20'],
    info: ['info', 'notice', '30'],
    warn: ['warn', 'warning', '40'],
    error: ['error', 'err', '50'],
    fatal: ['fatal', 'crit', 'critical', 'alert', 'emerg', 'emergency', 'panic', 'dpanic', '60'],
  };
  for (const [level, same] of Object.entries(words)) for (const word of same) assert.equal(levelOf(word), level, word);
});

test('case, brackets and colours are ignored', () => {
  for (const text of ['ERROR', 'Error', '[error]', '[ERROR] ', '<error>', '(Error)', '{ error }', '[[ERROR]]'])
    assert.equal(levelOf(text), 'error', text);
  for (const text of ['\u001b[31mERROR\u001b[0m', '\u001b[1;38;5;9m[error]\u001b[m', '[\u001b[31merror\u001b[39m]'])
    assert.equal(levelOf(text), 'error', JSON.stringify(text));
});

test('another word, number or text is no level', () => {
  const others = [
    '',
    'http',
    'stats',
    'DEBUG6',
    'ERROR+4',
    'i',
    'E',
    'err or',
    '35',
    '0',
    '7',
    '30.0',
    'toString',
    '__proto__',
  ];
  for (const text of [...others, '[]', '\u001b[31m', `${' '.repeat(100)}error`])
    assert.equal(levelOf(text), undefined, text);
});

test('as the value of a member a letter is a level, and slog has levels between its own', () => {
  const values = {
    trace: ['T', 'DEBUG-1', 'debug-5', 'TRACE'],
    debug: ['d', 'V', 'D2', 'INFO-1', 'DEBUG+3', 'INFO-4'],
    info: ['I', 'INFO+2', 'WARN-1', 'WARN-4', '30'],
    warn: ['W', 'WARN+3', 'INFO+4', 'ERROR-2'],
    error: ['E', 'ERROR+4', 'ERROR+8'],
    fatal: ['F'],
  };
  for (const [level, same] of Object.entries(values))
    for (const text of same) assert.equal(levelOfMember(text), level, text);
  for (const text of ['A', 'X', 'D6', 'ERROR4', 'ERROR+', 'INFO+99999', 'NOTE+1', '5', `INFO+1${' '.repeat(60)}`])
    assert.equal(levelOfMember(text), undefined, text);
});
