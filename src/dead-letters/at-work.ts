/** What is loaded when somebody asks for it, as one bundle. */
export { purge } from './purge.js';
export { replayOutput } from './replay-output.js';
