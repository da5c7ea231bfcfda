/** What is known of the Amazon ECS task that we run in. Empty string: not known. */
export interface EcsTask {
  /** The last part of the task's ARN. */
  readonly id: string;
  readonly arn: string;
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly family: string;
  readonly revision: string;
  /** `ec2`, `fargate` or `external`. */
  readonly launchType: string;
  readonly region: string;
  readonly zone: string;
  readonly account: string;
  /** The application's container, where it can be told. */
  readonly container: EcsContainer | undefined;
}

export interface EcsContainer {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** Without its tag. */
  readonly image: string;
  readonly tag: string;
}

const longestValue = 1024;

/**
 * Reads the answers of the task metadata endpoint, version 4: of `/task`, and of our own container ('' when there is none). The application's container is
 * the one called `named`, else the only one that is not our own and not the system's; with several, none is guessed. Undefined where the answer
 * is not that of a task. Never throws.
 */
export function parseEcsTask(taskText: string, ownText: string, named: string): EcsTask | undefined {
  const task = objectOf(taskText);
  const arn = text(task, 'TaskARN');
  const parts = /^arn:([\w-]+):ecs:([\w-]*):(\d*):task\/(?:([^/]+)\/)?([^/]+)$/.exec(arn);
  if (parts === null) return undefined;
  const [, partition = '', region = '', account = '', clusterInArn = '', id = ''] = parts;
  const cluster = text(task, 'Cluster');
  const clusterName = cluster.slice(cluster.lastIndexOf('/') + 1) || clusterInArn;
  const isArn = cluster.startsWith('arn:');
  return {
    id,
    arn,
    clusterArn:
      isArn || clusterName === '' ? cluster : `arn:${partition}:ecs:${region}:${account}:cluster/${clusterName}`,
    clusterName,
    family: text(task, 'Family'),
    revision: text(task, 'Revision'),
    launchType: text(task, 'LaunchType').toLowerCase(),
    region,
    zone: text(task, 'AvailabilityZone'),
    account,
    container: applicationOf(task, text(objectOf(ownText), 'DockerId'), named),
  };
}

type Json = Readonly<Record<string, unknown>>;

function applicationOf(task: Json, ownId: string, named: string): EcsContainer | undefined {
  const listed: unknown = task['Containers'];
  const containers = (Array.isArray(listed) ? listed : []).filter(isObject).filter(isApplications);
  const byName = containers.find((container) => named !== '' && text(container, 'Name') === named);
  const others = containers.filter((container) => ownId === '' || text(container, 'DockerId') !== ownId);
  const left = others.length > 0 ? others : containers;
  const chosen = byName ?? (named === '' && left.length === 1 ? left[0] : undefined);
  return chosen && describe(chosen);
}

/** The agent of ECS adds containers of its own: for the network (`CNI_PAUSE`), for Service Connect. */
const isApplications = (container: Json): boolean =>
  ['', 'NORMAL'].includes(text(container, 'Type')) && !text(container, 'Name').startsWith('~internal');

function describe(container: Json): EcsContainer {
  const image = text(container, 'Image');
  const withoutDigest = image.split('@', 1)[0]!;
  const colon = withoutDigest.indexOf(':', withoutDigest.lastIndexOf('/') + 1);
  return {
    id: text(container, 'DockerId'),
    name: text(container, 'Name'),
    arn: text(container, 'ContainerARN'),
    image: colon === -1 ? withoutDigest : withoutDigest.slice(0, colon),
    tag: colon === -1 ? '' : withoutDigest.slice(colon + 1),
  };
}

/**
 * The task's root members, as path and value: ECS (the Elastic Common Schema) where that has a name, else the names of OpenTelemetry's resource
 * `aws.ecs`.
 */
export function taskMembers(task: EcsTask): readonly (readonly [path: readonly string[], value: string])[] {
  const { container } = task;
  const members: readonly (readonly [path: string, value: string | undefined])[] = [
    ['cloud.provider', 'aws'],
    ['cloud.region', task.region],
    ['cloud.availability_zone', task.zone],
    ['cloud.account.id', task.account],
    ['orchestrator.type', 'ecs'],
    ['orchestrator.cluster.name', task.clusterName],
    ['aws.ecs.cluster.arn', task.clusterArn],
    ['aws.ecs.launchtype', task.launchType],
    ['aws.ecs.task.arn', task.arn],
    ['aws.ecs.task.id', task.id],
    ['aws.ecs.task.family', task.family],
    ['aws.ecs.task.revision', task.revision],
    ['aws.ecs.container.arn', container?.arn],
    ['container.id', container?.id],
    ['container.name', container?.name],
    ['container.image.name', container?.image],
    ['container.image.tag', container?.tag],
  ];
  return members.map(([path, value = '']) => [path.split('.'), value] as const);
}

function objectOf(json: string): Json {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string or number of the answer; what is too long to be a name is not known. */
function text(object: Json, key: string): string {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  const found = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return found.length > longestValue ? '' : found;
}
