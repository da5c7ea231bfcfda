// The search of a command that no agent does it for: a bundle of its own, since it brings the parsers. The agent has them already.
export { TimeFinder } from '../../time-finder.js';
