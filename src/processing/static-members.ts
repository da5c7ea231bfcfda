import { taskMembers } from './ecs-task.js';
import type { Surrounded } from './origin.js';
import { placeOf } from './resource-attributes.js';

type Tree = Record<string, unknown>;

/**
 * The root members that the agent adds to every record (design, section 3): `service.name`, `kubernetes` with what is known, `host.name` outside
 * of Kubernetes only (in a pod it is the pod's name again), what OTEL_RESOURCE_ATTRIBUTES and the ECS task add to that, then PANNIER_FIELDS, whose dotted
 * keys nest. Of two at one place the later wins.
 */
export function staticMembers(origin: Surrounded, fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const { service, namespace, pod, podUid, node, container, host, labels, annotations, attributes, ecs } = origin;
  // What is known to be outside of Kubernetes is not made a pod of by its container's name.
  const isElsewhere = pod === '' && namespace === '' && (ecs !== undefined || attributes.has('container.name'));
  const root: Tree = {};
  for (const [path, value] of ecs === undefined ? [] : taskMembers(ecs)) put(root, path, value);
  for (const [attribute, value] of attributes) put(root, placeOf(attribute), value);
  put(root, ['service', 'name'], service);
  put(root, ['kubernetes', 'namespace'], namespace);
  put(root, ['kubernetes', 'pod', 'name'], pod);
  put(root, ['kubernetes', 'pod', 'uid'], podUid);
  put(root, ['kubernetes', 'node', 'name'], node);
  put(root, isElsewhere ? ['container', 'name'] : ['kubernetes', 'container', 'name'], container);
  for (const [key, value] of Object.entries(labels)) put(root, ['kubernetes', 'labels', labelKey(key)], value);
  for (const [key, value] of Object.entries(annotations))
    put(root, ['kubernetes', 'annotations', labelKey(key)], value);
  if (root['kubernetes'] === undefined) put(root, ['host', 'name'], host);
  for (const [key, value] of Object.entries(fields)) put(root, key.split('.'), value);
  return root;
}

/**
 * A dot in a key makes Elasticsearch nest it, and then `app` can't be a text beside `app.kubernetes.io/name`: every record would be refused. So
 * dots become underscores, as in Beats.
 */
const labelKey = (key: string): string => key.replaceAll('.', '_');

/** Sets a value at a path; an empty value is not known and left out. What is in the way and no object is replaced. */
function put(root: Tree, path: readonly string[], value: string): void {
  const last = path.at(-1);
  if (value === '' || last === undefined || path.includes('')) return;
  let tree = root;
  for (const key of path.slice(0, -1)) {
    const child = Object.hasOwn(tree, key) ? tree[key] : undefined;
    tree = isTree(child) ? child : define(tree, key, {});
  }
  define(tree, last, value);
}

/** Sets a member of any name; assigning to `__proto__` would change the prototype instead. */
function define<T>(tree: Tree, key: string, value: T): T {
  Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
