import type { FileFacts, Origin } from '../../src/types/record.js';
import { parseTemplate, type NameRules, type Template } from '../template.js';

/** Log group and stream that a file's records go to. */
export interface Place {
  readonly group: string;
  readonly stream: string;
}

/** Source: API reference, CreateLogGroup: 1-512 of `a-zA-Z0-9_-/.#`. A value brings no `/`, which only the pattern may use to build a hierarchy. */
const groupRules: NameRules = {
  what: 'log group',
  maxBytes: 512,
  illegalInLiteral: /[^a-zA-Z0-9_\-/.#]/,
  illegalInValue: /[^a-zA-Z0-9_\-.]/g,
  lowerCase: false,
  fields: false,
};

/** Source: API reference, CreateLogStream: 1-512 characters without `:` and `*`. Bytes here, so that no encoding of the name is too long. */
const streamRules: NameRules = {
  what: 'log stream',
  maxBytes: 512,
  illegalInLiteral: /[:*\p{Cc}]/u,
  illegalInValue: /[:*/\p{Cc}\p{Cs}]/gu,
  lowerCase: false,
  fields: false,
};

/** What is wrong with a LOG_GROUP; undefined when nothing is. */
export function groupProblem(pattern: string): string | undefined {
  if (pattern.startsWith('aws/')) return 'a log group may not begin with aws/, which is kept for AWS itself';
  return problemOf(pattern, groupRules);
}

/** What is wrong with a LOG_STREAM; undefined when nothing is. */
export const streamProblem = (pattern: string): string | undefined => problemOf(pattern, streamRules);

function problemOf(pattern: string, rules: NameRules): string | undefined {
  const parsed = parseTemplate(pattern, rules);
  return 'problem' in parsed ? parsed.problem : undefined;
}

/** Names for files. @throws Error on a pattern that the settings' checks refuse. */
export class Names {
  readonly #group: Template;
  readonly #stream: Template;

  constructor(group: string, stream: string, origin: Origin) {
    this.#group = required(group, groupRules, origin);
    this.#stream = required(stream, streamRules, origin);
  }

  /** A date is that of the file's birth, so that a file's records, replayed ones included, go to one stream. */
  placeOf(file: Pick<FileFacts, 'birthMs'>): Place {
    return { group: this.#group.forTime(file.birthMs), stream: this.#stream.forTime(file.birthMs) };
  }
}

function required(pattern: string, rules: NameRules, origin: Origin): Template {
  const parsed = parseTemplate(pattern, rules, origin);
  if ('problem' in parsed) throw new Error(`${rules.what} ${pattern}: ${parsed.problem}`);
  return parsed.template;
}
