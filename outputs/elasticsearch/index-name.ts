import type { NameRules } from '../template.js';

/**
 * What Elasticsearch allows as the name of an index, data stream or alias. Source: Elasticsearch guide, "Create index", path parameters. Values are
 * held to ASCII, so that no line can make a name that some version of Unicode calls upper case.
 */
export const indexRules: NameRules = {
  what: 'index',
  maxBytes: 255,
  illegalInLiteral: /[\\/*?"<>|,#:\s\p{Cc}\p{Cs}]/u,
  illegalInValue: /[^a-z0-9._-]/g,
  illegalStart: /^[-_+]/,
  // Names with a dot in front are those of Elasticsearch itself (`.security`, `.kibana`): no line chooses one.
  illegalValueStart: /^[-_+.]/,
  lowerCase: true,
  fields: true,
};
