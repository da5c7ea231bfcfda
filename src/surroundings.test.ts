import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../test/support/until.js';
import { Surroundings } from './surroundings.js';
import { silentLog } from './types/log.js';

let podinfoDir = '';
before(async () => (podinfoDir = await mkdtemp(join(tmpdir(), 'pannier-podinfo-'))));
after(() => rm(podinfoDir, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(podinfoDir, name), text);

test('a change is told once, and only when it changes what goes into records', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const told: string[] = [];
  await using surroundings = await Surroundings.open({}, silentLog, (what) => void told.push(what));
  const settings = { serviceName: undefined, annotations: ['example.com/*'], podinfoDir };
  assert.deepEqual((await surroundings.origin(settings)).labels, {}, 'there may be no files');
  await write('labels', 'app="shop"');
  t.mock.timers.tick(5000);
  await until(() => told.length > 0, { what: 'the labels are told of' });
  assert.equal((await surroundings.origin(settings)).service, 'shop');

  // Of three looks, the first two see nothing that anybody asked for.
  t.mock.timers.tick(5000);
  await write('annotations', 'other="x"\nexample.com/long="' + 'x'.repeat(2000) + '"');
  t.mock.timers.tick(5000);
  // A look reads two small files; the next one begins when this one is over, so that it can't see the later change.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await write('annotations', 'example.com/owner="ann"');
  t.mock.timers.tick(5000);
  await until(() => told.length > 1, { what: 'the annotation is told of' });
  assert.equal(told.length, 2);
  assert.deepEqual((await surroundings.origin(settings)).annotations, { 'example.com/owner': 'ann' });
});

test('nothing is told after the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const surroundings = await Surroundings.open({ POD_NAME: 'p' }, silentLog, () => assert.fail('nothing changed'));
  const { pod } = await surroundings.origin({ serviceName: undefined, annotations: [], podinfoDir });
  assert.equal(pod, 'p');
  await surroundings[Symbol.asyncDispose]();
  await write('labels', 'app="other"');
  t.mock.timers.tick(60_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
