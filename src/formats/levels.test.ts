import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf } from './levels.js';

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
  const others = ['', 'http', 'stats', 'DEBUG5', 'ERROR+4', 'err or', '35', '0', '7', '30.0', 'toString', '__proto__'];
  for (const text of [...others, '[]', '\u001b[31m', `${' '.repeat(100)}error`])
    assert.equal(levelOf(text), undefined, text);
});
