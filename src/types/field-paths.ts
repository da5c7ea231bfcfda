/** What the agent itself says of a record: it can be neither dropped nor written by another name. */
const agentFields = ['@timestamp', 'message', 'log.file', 'log.offset', 'log.part'];

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}.`);

function pathFlaw(path: string): string | undefined {
  if (path === '' || path.split('.').includes('')) return `"${path}" is no path of a field: write a.b`;
  if (path === 'log' || agentFields.some((own) => isUnder(path, own)))
    return `"${path}" is what the agent says of every record; it stays as it is`;
  return undefined;
}

/** What is wrong with paths of fields that are to be dropped; undefined when nothing is. */
export function dropFlaw(paths: readonly string[]): string | undefined {
  return paths.map(pathFlaw).find((flaw) => flaw !== undefined);
}

/** What is wrong with new names by old ones. */
export function renameFlaw(names: Readonly<Record<string, string>>): string | undefined {
  const flaw = [...Object.entries(names)]
    .flat()
    .map(pathFlaw)
    .find((each) => each !== undefined);
  if (flaw !== undefined) return flaw;
  const same = Object.entries(names).find(([from, to]) => isUnder(from, to) || isUnder(to, from));
  return same === undefined ? undefined : `"${same[0]}" can't become "${same[1]}": one lies in the other`;
}
