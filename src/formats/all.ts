import { cri } from './cri.js';
import { docker } from './docker.js';
import type { Format } from './format.js';
import { json } from './json.js';
import { logfmt } from './logfmt.js';

/** Formats that a line can have, also within a wrapper, in the order in which `auto` tries them. A new format is a file and an entry here. */
export const payloadFormats: readonly Format[] = [json, logfmt];

/** Formats that wrap the line of another. They are tried first: their lines are narrower. */
export const wrapperFormats: readonly Format[] = [docker, cri];

export const formats: readonly Format[] = [...wrapperFormats, ...payloadFormats];
