import type { Origin } from '../types/record.js';
import { chosenAnnotations } from './annotations.js';
import type { EcsTask } from './ecs-task.js';
import { parseLabels } from './labels.js';
import { parseResourceAttributes } from './resource-attributes.js';

export interface OriginSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files of the downward API, as they are now; '' when there is none. */
  readonly labels: string;
  readonly annotations: string;
  /** The Amazon ECS task, where we run in one and it is known. */
  readonly task: EcsTask | undefined;
  /** The machine's name; in a pod, that of the pod. */
  readonly hostname: string;
  /** PANNIER_SERVICE_NAME. */
  readonly serviceName: string | undefined;
  /** PANNIER_ANNOTATIONS. */
  readonly wantedAnnotations: readonly string[];
}

/** Who we are, with all that goes into each record. */
export interface Surrounded extends Origin {
  readonly annotations: Readonly<Record<string, string>>;
  /** OTEL_RESOURCE_ATTRIBUTES. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly ecs: EcsTask | undefined;
}

/**
 * Who we are: what the downward API says, else OTEL_RESOURCE_ATTRIBUTES, else the ECS task. The service's name is that of the contract ("Templates"):
 * PANNIER_SERVICE_NAME, OTEL_SERVICE_NAME, `service.name` of OTEL_RESOURCE_ATTRIBUTES, the labels `app.kubernetes.io/name` and `app`, then the
 * container. Never throws; what is not known is ''.
 */
export function readOrigin(sources: OriginSources): Surrounded {
  const { env, task, hostname, serviceName, wantedAnnotations } = sources;
  const labels = parseLabels(sources.labels);
  const attributes = parseResourceAttributes(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
  const known = (variable: string, attribute: string): string => firstOf([env[variable], attributes.get(attribute)]);
  const container = firstOf([
    known('CONTAINER_NAME', 'k8s.container.name'),
    attributes.get('container.name'),
    task?.container?.name,
  ]);
  return {
    pod: known('POD_NAME', 'k8s.pod.name'),
    namespace: known('POD_NAMESPACE', 'k8s.namespace.name'),
    node: known('NODE_NAME', 'k8s.node.name'),
    podUid: known('POD_UID', 'k8s.pod.uid'),
    container,
    service: firstOf([
      serviceName,
      env['OTEL_SERVICE_NAME'],
      attributes.get('service.name'),
      ownValue(labels, 'app.kubernetes.io/name'),
      ownValue(labels, 'app'),
      container,
    ]),
    host: attributes.get('host.name') ?? hostname,
    labels,
    task: task?.id ?? '',
    annotations: chosenAnnotations(sources.annotations, wantedAnnotations),
    attributes,
    ecs: task,
  };
}

const firstOf = (names: readonly (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '';

const ownValue = (labels: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
