import assert from 'node:assert/strict';
import { makeKernel } from '../../test/support/kernel-lab.js';
import { refuseWebAssembly } from '../../test/support/no-wasm.js';
import { DocumentWriter } from '../kernel/document.js';

// The tests of the lane once more, where lines become objects: but for its speed it does not depend on the kernel.
refuseWebAssembly('memory');
assert.equal(makeKernel(1000, 1000, new DocumentWriter()), undefined);
await import('./lane.test.js');
