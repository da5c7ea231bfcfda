// `npm start`: installs and builds what is missing, then runs the agent on ./logs with its state in ./.pannier.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installIfMissing, root } from './install.js';

installIfMissing();
const { buildIfStale } = await import('./build.js');
await buildIfStale();
process.chdir(root);
mkdirSync('logs', { recursive: true });
// Relative, so that a folder with a bracket in its name is no pattern.
process.env.PANNIER_PATHS ??= 'logs/**/*.log';
process.env.PANNIER_STATE_DIR ??= '.pannier';
const program = join(root, 'dist/pannier.js');
process.argv[1] = program;
createRequire(import.meta.url)(program);
