import { splitMembers } from './json-members.js';
import { jsonString } from './json-string.js';

/**
 * The text form of a document that a destination refused, as JSON text on one line: what the agent itself says, the message as text, the reason
 * in `error.message` (before the error that was there), and the rest of the line's members as one string of JSON in `event.original`. A document
 * without a message gets its own text as message, and so does what is no JSON object. Never throws.
 *
 * `statics`: the agent's static root members, as the document was written with. Labels and PANNIER_FIELDS stay only if they are given here.
 */
export function plainDocument(
  document: Buffer,
  reason: string,
  statics: Readonly<Record<string, unknown>> = {},
): string {
  const text = document.toString('utf8');
  const { kept, rest } = divide(text, joined(agentShape, shapeOf(statics)));
  const message = kept.get('message') ?? rest.get('message') ?? '""';
  rest.delete('message');
  const error = splitMembers(kept.get('error') ?? '{}')?.map(({ json }) => textOf(json)) ?? [];

  const plain: Values = new Map();
  const time = kept.get('@timestamp');
  if (time !== undefined) plain.set('@timestamp', time);
  plain.set('message', jsonString(textOf(message) || text));
  plain.set('error', objectOf([['message', jsonString([reason, ...error].join('; '))]]));
  for (const [key, json] of kept) if (!plain.has(key)) plain.set(key, json);
  if (rest.size > 0) {
    const event = (splitMembers(plain.get('event') ?? '{}') ?? []).map(({ key, json }) => [key, json] as const);
    plain.set('event', objectOf(new Map([...event, ['original', jsonString(objectOf(rest))]])));
  }
  return objectOf(plain);
}

/** JSON text of values by name, in order. */
type Values = Map<string, string>;

/** What stays of a document: names whose value stays if it is neither object nor array (null), and names whose object stays in part. */
type Shape = Map<string, Shape | null>;

/** What the agent writes into every document: the destination has taken it before, so it cannot be what it refuses now. */
const agentShape = shapeOf({
  '@timestamp': '',
  message: '',
  error: { message: '' },
  log: { level: '', file: { path: '' }, offset: 0, part: { offset: 0, index: 0, last: false } },
  host: { name: '' },
  service: { name: '' },
  kubernetes: { namespace: '', pod: { name: '', uid: '' }, node: { name: '' }, container: { name: '' } },
});

function shapeOf(members: object): Shape {
  return new Map(
    Object.entries(members).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'object' && value !== null ? shapeOf(value) : null,
    ]),
  );
}

function joined(shape: Shape, more: Shape): Shape {
  const both: Shape = new Map([...more, ...shape]);
  for (const [key, inner] of more) {
    const there = shape.get(key);
    if (there && inner) both.set(key, joined(there, inner));
  }
  return both;
}

function divide(json: string, shape: Shape): { kept: Values; rest: Values } {
  const kept: Values = new Map();
  const rest: Values = new Map();
  for (const { key, json: value } of splitMembers(json) ?? []) {
    const inner = shape.get(key);
    if (inner && value.startsWith('{')) {
      const parts = divide(value, inner);
      if (parts.kept.size > 0) kept.set(key, objectOf(parts.kept));
      if (parts.rest.size > 0) rest.set(key, objectOf(parts.rest));
    } else if (inner === null && !/^[[{]/.test(value)) kept.set(key, value);
    else rest.set(key, value);
  }
  return { kept, rest };
}

const objectOf = (values: Iterable<readonly [string, string]>): string =>
  `{${Array.from(values, ([key, json]) => `${jsonString(key)}:${json}`).join(',')}}`;

/** The text of a JSON string; of another value its JSON. */
function textOf(json: string): string {
  const value: unknown = json.startsWith('"') ? JSON.parse(json) : json;
  return typeof value === 'string' ? value : json;
}
