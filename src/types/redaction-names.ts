/** The kinds of secrets that are known by name, in the order in which overlapping ones are settled (PANNIER_REDACT). */
export const redactionNames = [
  'keys',
  'jwt',
  'aws',
  'gcp',
  'github',
  'slack',
  'auth',
  'cards',
  'email',
  'ipv6',
  'ipv4',
] as const;
export type RedactionName = (typeof redactionNames)[number];

/** What is wrong with a list of kinds, `all` among them; undefined when nothing is. */
export function redactionFlaw(names: readonly string[]): string | undefined {
  const known: readonly string[] = [...redactionNames, 'all'];
  const unknown = names.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `there is no kind "${unknown}"; there are: ${known.join(', ')}`;
}

/** What is wrong with the names of own patterns: they appear in the records. */
export function patternNameFlaw(patterns: Readonly<Record<string, string>>): string | undefined {
  const wrong = Object.keys(patterns).find((name) => !/^[a-z][a-z0-9-]{0,31}$/.test(name));
  if (wrong !== undefined)
    return `"${wrong}" is no name for a pattern: lower-case letters, digits and "-", a letter first`;
  const taken = Object.keys(patterns).find((name) => name === 'redacted' || redactionFlaw([name]) === undefined);
  return taken === undefined ? undefined : `"${taken}" is a name that exists already: choose another one`;
}
