/** More than any SDK sets; what comes after is left out. */
const maxAttributes = 64;
const longestValue = 1024;

/**
 * OTEL_RESOURCE_ATTRIBUTES: `key=value,key2=value2`, percent-encoded where it has to be (OpenTelemetry, "Resource SDK": the form of W3C Baggage without
 * properties). An item of another form is left out; the last of a name counts. Never throws.
 */
export function parseResourceAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const item of text.split(',')) {
    const equals = item.indexOf('=');
    const key = decoded(item.slice(0, Math.max(0, equals)));
    const value = decoded(item.slice(equals + 1));
    if (key === undefined || key === '' || value === undefined || value === '' || value.length > longestValue) continue;
    if (attributes.size === maxAttributes && !attributes.has(key)) break;
    attributes.set(key, value);
  }
  return attributes;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}

/**
 * Where an attribute stands in a record. ECS has names of its own for some (it took the others over from OpenTelemetry as they are); what it has no name
 * for goes to `labels`, whose names have underscores for dots.
 */
export function placeOf(attribute: string): readonly string[] {
  const place = places.get(attribute);
  return place === undefined ? ['labels', attribute.replaceAll('.', '_')] : place.split('.');
}

const places = new Map([
  ['service.name', 'service.name'],
  ['service.version', 'service.version'],
  ['service.namespace', 'service.namespace'],
  ['service.instance.id', 'service.node.name'],
  ['deployment.environment', 'service.environment'],
  ['deployment.environment.name', 'service.environment'],
  ['host.name', 'host.name'],
  ['cloud.provider', 'cloud.provider'],
  ['cloud.region', 'cloud.region'],
  ['cloud.availability_zone', 'cloud.availability_zone'],
  ['cloud.account.id', 'cloud.account.id'],
  ['container.id', 'container.id'],
  ['container.name', 'container.name'],
  ['container.image.name', 'container.image.name'],
  ['k8s.cluster.name', 'orchestrator.cluster.name'],
  ['k8s.namespace.name', 'kubernetes.namespace'],
  ['k8s.pod.name', 'kubernetes.pod.name'],
  ['k8s.pod.uid', 'kubernetes.pod.uid'],
  ['k8s.node.name', 'kubernetes.node.name'],
  ['k8s.container.name', 'kubernetes.container.name'],
  ['k8s.deployment.name', 'kubernetes.deployment.name'],
]);
