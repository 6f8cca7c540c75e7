/**
 * The addresses and identities of a target, for load, probes and faults; no behaviour. A target file or the
 * sandbox resolves to this. Code below `src/targets` does not know which of the two it was.
 */
export const SPECIALISTS = ['business', 'technical', 'behavior', 'evolution', 'architecture'] as const;
export type Specialist = (typeof SPECIALISTS)[number];

export interface KafkaEndpoint {
  readonly id: number;
  /** `host:port` as clients dial it (in the sandbox: the probe's own proxied link). */
  readonly client: string;
  /** `host:port` of the CONTROLLER listener, where it is reachable; asked for the active controller. */
  readonly controller?: string;
}

export interface Topology {
  readonly platform: 'sandbox' | 'kubernetes' | 'none';
  /** The identity that the target lock uses: two runs on one identity are refused. */
  readonly identity: string;
  readonly gateway?: { readonly url: string };
  readonly specialists: Readonly<Partial<Record<Specialist, string>>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
}

/** A process of this machine, with an identity that a successor cannot have. */
export interface ProcessVictim {
  readonly service: string;
  readonly instance: string;
  readonly pid: number;
  /**
   * Start time in clock ticks since boot (/proc/PID/stat field 22); with the pid it identifies one process
   * uniquely.
   */
  readonly startTicks: string;
}

/** A pod: names are reused (StatefulSets), uids never. */
export interface PodVictim {
  readonly service: string;
  /** The pod's name. */
  readonly instance: string;
  readonly namespace: string;
  readonly uid: string;
  /**
   * Present only where one run of a container is meant and not the whole pod: a restart creates another run.
   */
  readonly run?: ContainerRun;
}

export interface ContainerRun {
  readonly container: string;
  /** As the kubelet reports it: `containerd://3f2a…`. */
  readonly id: string;
}

/** One running instance of a service. */
export type Victim = ProcessVictim | PodVictim;

export const isProcess = <One extends Victim>(one: One): one is Extract<One, ProcessVictim> => 'pid' in one;

/** Whether both are the same instance, not only two of the same name. */
export const isSameVictim = (a: Victim, b: Victim): boolean => identityOfVictim(a) === identityOfVictim(b);

const identityOfVictim = (one: Victim): string =>
  'uid' in one ? `${one.uid}${one.run ? ` ${one.run.id}` : ''}` : `${one.pid}:${one.startTicks}`;

/**
 * `specialist-business (pid 4711)`, `business-7d9-x2 (uid 1b0f3c2e)`,
 * `business-7d9-x2 (uid 1b0f3c2e, container app 3f2a77c0)`.
 */
export const describeVictim = (one: Victim): string =>
  'uid' in one
    ? `${one.instance} (uid ${one.uid.slice(0, 8)}${describeRun(one.run)})`
    : `${one.instance} (pid ${one.pid})`;

const describeRun = (run: ContainerRun | undefined): string =>
  run === undefined ? '' : `, container ${run.container} ${run.id.replace(/^.*:\/\//, '').slice(0, 8)}`;

export const describeVictims = (some: readonly Victim[]): string => some.map(describeVictim).join(', ');

/** Only the identity, of a value that may carry more. */
export const processOf = ({ service, instance, pid, startTicks }: ProcessVictim): ProcessVictim => ({
  service,
  instance,
  pid,
  startTicks,
});

export const victimOf = (one: Victim): Victim => {
  if (!('uid' in one)) return processOf(one);
  const { service, instance, namespace, uid, run } = one;
  return { service, instance, namespace, uid, ...(run && { run }) };
};

/** The dependencies of a target that have an address, with the names that `ProbeFeed.watch` takes. */
export const dependencies = (topology: Topology): readonly string[] => [
  ...(topology.gateway ? ['gateway'] : []),
  ...(topology.redis ? ['redis'] : []),
  ...(topology.kafka?.brokers ?? []).map((broker) => `kafka-${broker.id}`),
  ...Object.keys(topology.specialists).map((name) => `specialist-${name}`),
];
