import type { Origin } from '../types/record.js';
import { parseLabels } from './labels.js';

export interface OriginSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; may throw, or give undefined, when there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** The machine's name; in a pod, that of the pod. */
  readonly hostname: string;
  /** PANNIER_SERVICE_NAME. */
  readonly serviceName: string | undefined;
}

/** Where a manifest mounts `metadata.labels` of the downward API. */
export const labelsPath = '/etc/podinfo/labels';

/**
 * Who we are, from the downward API's variables and labels file. The service's name is that of the contract ("Templates"): PANNIER_SERVICE_NAME,
 * OTEL_SERVICE_NAME, the labels `app.kubernetes.io/name` and `app`, then the container. Never throws; what is not known is ''.
 */
export function readOrigin({ env, readFile, hostname, serviceName }: OriginSources): Origin {
  const labels = readLabels(readFile);
  const container = env['CONTAINER_NAME'] ?? '';
  const service = [
    serviceName,
    env['OTEL_SERVICE_NAME'],
    ownValue(labels, 'app.kubernetes.io/name'),
    ownValue(labels, 'app'),
    container,
  ].find((name) => name !== undefined && name !== '');
  return {
    pod: env['POD_NAME'] ?? '',
    namespace: env['POD_NAMESPACE'] ?? '',
    node: env['NODE_NAME'] ?? '',
    podUid: env['POD_UID'] ?? '',
    container,
    service: service ?? '',
    host: hostname,
    labels,
  };
}

function readLabels(readFile: OriginSources['readFile']): Readonly<Record<string, string>> {
  try {
    return parseLabels(readFile(labelsPath) ?? '');
  } catch {
    return {};
  }
}

const ownValue = (labels: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
