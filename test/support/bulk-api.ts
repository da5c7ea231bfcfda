/** The part of Elasticsearch's bulk API that a shipper meets, as strict as the real server: pure, no sockets. */

export interface BulkItem {
  readonly index: string;
  readonly id: string;
  readonly action: string;
  /** The document as it came. */
  readonly source: string;
  readonly document: Readonly<Record<string, unknown>>;
}

export interface ItemVerdict {
  readonly status: number;
  readonly type?: string;
  readonly reason?: string;
}

/** @throws Error whose message is what the server would answer with a 400 for the whole request. */
export function parseBulk(body: string, defaultIndex: string | undefined): BulkItem[] {
  if (!body.endsWith('\n')) throw new Error('The bulk request must be terminated by a newline [\\n]');
  const lines = body.slice(0, -1).split('\n');
  if (lines.length % 2 !== 0) throw new Error('an action line has no document');
  const items: BulkItem[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const action = asObject(JSON.parse(lines[at]!));
    const entry = Object.entries(action ?? {})[0];
    const meta = asObject(entry?.[1]);
    if (entry === undefined || meta === undefined) throw new Error(`Malformed action/metadata line [${at + 1}]`);
    const index = typeof meta._index === 'string' ? meta._index : defaultIndex;
    if (index === undefined) throw new Error('index is missing');
    const source = lines[at + 1]!;
    const document = asObject(JSON.parse(source));
    if (document === undefined) throw new Error('a document is no object');
    items.push({ index, id: typeof meta._id === 'string' ? meta._id : '', action: entry[0], source, document });
  }
  return items;
}

/** What the server itself refuses in an item, whatever the mapping says; undefined: nothing. */
export function refusal({ action, id, document }: BulkItem): ItemVerdict | undefined {
  if (action !== 'create')
    return refused(
      'illegal_argument_exception',
      'only write ops with an op_type of create are allowed in data streams',
    );
  if (id === '' || Buffer.byteLength(id) > 512) return refused('illegal_argument_exception', `id [${id}] is no good`);
  const time = document['@timestamp'];
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time)))
    return refused('document_parsing_exception', 'data stream timestamp field [@timestamp] is missing');
  return undefined;
}

export const refused = (type: string, reason: string): ItemVerdict => ({ status: 400, type, reason });

export const conflict = (id: string): ItemVerdict => ({
  status: 409,
  type: 'version_conflict_engine_exception',
  reason: `[${id}]: version conflict, document already exists (current version [1])`,
});

/** The reply, as `filter_path` leaves it: like the real server, an item without any kept member vanishes, and positions with it. */
export function bulkReply(verdicts: readonly (ItemVerdict & { id: string })[], filterPath: string | undefined): string {
  const reply = {
    errors: verdicts.some(({ status }) => status >= 300),
    took: 1,
    items: verdicts.map(({ id, status, type, reason }) => ({
      create: { _id: id, status, ...(type === undefined ? {} : { error: { type, reason } }) },
    })),
  };
  if (filterPath === undefined) return JSON.stringify(reply);
  const paths = filterPath.split(',').map((path) => path.split('.'));
  return JSON.stringify(keep(reply, paths) ?? {});
}

function keep(value: unknown, paths: readonly string[][]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  // A list is looked through, it takes no step of a path.
  if (Array.isArray(value)) {
    const kept = value.map((item) => keep(item, paths)).filter((item) => item !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  const object = asObject(value);
  if (object === undefined) return undefined;
  const kept = Object.entries(object).flatMap(([key, member]) => {
    const onwards = paths.filter(([first]) => first === key || first === '*').map((path) => path.slice(1));
    const inside = onwards.length === 0 ? undefined : keep(member, onwards);
    return inside === undefined ? [] : [[key, inside] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
