/**
 * The addresses and identities of a target, for load, probes and faults; no behaviour. A target file or the
 * sandbox resolves to this. Code below `src/targets` does not know which of the two it was.
 */
import type { Access } from './access.ts';
import { type Address, addressOf } from './address.ts';
import type { RedisNodes } from './redis-nodes.ts';
import type { Ask, Protocol, Replicas, System } from './system.ts';

export interface KafkaEndpoint {
  readonly id: number;
  /** `host:port` as clients dial it (in the sandbox: the probe's own proxied link). */
  readonly client: string;
  /** `host:port` of the CONTROLLER listener, where it is reachable; asked for the active controller. */
  readonly controller?: string;
  /** The same for both listeners. */
  readonly access?: Access;
}

/** A Redis as its commands dial it. */
export interface RedisEndpoint extends Address {
  readonly access?: Access;
  /** Present: several servers, found by asking; host and port are those of the first that is named. */
  readonly nodes?: RedisNodes;
}

/** One address of an endpoint: a URL for http and redis, `host:port` for every other protocol. */
export interface AddressAt {
  readonly address: string;
  /** Of a Kafka broker. */
  readonly id?: number;
  readonly controller?: string;
  /** Absent: plain, and without a login. */
  readonly access?: Access;
  /** Of a Redis that is several servers: then the address is the first that is named. */
  readonly nodes?: RedisNodes;
}

/** An endpoint of the system under test, with its questions, as we dial it. */
export interface EndpointAt {
  readonly protocol: Protocol;
  /** At least one; several only for the brokers of Kafka. */
  readonly at: readonly AddressAt[];
  readonly asks: Readonly<Record<string, Ask>>;
  /** Of gRPC: the absolute path of its proto. */
  readonly proto: string | null;
  /** Of Kafka: those that are declared. Absent: none. */
  readonly topics?: readonly string[];
  /** Of Kafka: consumer groups that are declared. Absent: none. */
  readonly consumers?: readonly string[];
}

export interface ServiceAt {
  readonly name: string;
  /** At least one; the first is the main one, which its probe asks. */
  readonly endpoints: readonly EndpointAt[];
}

/** By service and protocol. */
export type Addresses = Readonly<Record<string, Readonly<Partial<Record<Protocol, readonly AddressAt[]>>>>>;

/**
 * `none`: addresses only. `processes`: addresses, and processes of this machine behind them. `docker`: that,
 * with containers of an engine.
 */
export const PLATFORMS = ['sandbox', 'kubernetes', 'docker', 'processes', 'none'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

export interface Topology {
  readonly platform: PlatformName;
  /** The identity that the target lock uses: two runs on one identity are refused. */
  readonly identity: string;
  /** Those that have an address, in the order of the system's file. */
  readonly services: readonly ServiceAt[];
  /** Every service of the system, with or without an address. Absent: only the addresses are known. */
  readonly declared?: readonly DeclaredService[];
}

export interface DeclaredService {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly replicas: Replicas;
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

/** One run of a container of a Docker engine: a restart is another run, and a new container another id. */
export interface ContainerVictim {
  readonly service: string;
  /** The container's name. */
  readonly instance: string;
  /** Its id, of 64 digits. */
  readonly container: string;
  /** As the engine writes it, to the nanosecond. */
  readonly startTime: string;
}

/** One running instance of a service. */
export type Victim = ProcessVictim | PodVictim | ContainerVictim;

export const isContainer = <One extends Victim>(one: One): one is Extract<One, ContainerVictim> =>
  'container' in one;

export const isProcess = <One extends Victim>(one: One): one is Extract<One, ProcessVictim> => 'pid' in one;

/** Whether both are the same instance, not only two of the same name. */
export const isSameVictim = (a: Victim, b: Victim): boolean => identityOfVictim(a) === identityOfVictim(b);

const identityOfVictim = (one: Victim): string =>
  'uid' in one
    ? `${one.uid}${one.run ? ` ${one.run.id}` : ''}`
    : isProcess(one)
      ? `${one.pid}:${one.startTicks}`
      : `${one.container} ${one.startTime}`;

/**
 * `orders-1 (pid 4711)`, `shop-orders-1 (container 3f2a77c0)`, `orders-7d9-x2 (uid 1b0f3c2e)`,
 * `orders-7d9-x2 (uid 1b0f3c2e, container app 3f2a77c0)`.
 */
export const describeVictim = (one: Victim): string =>
  'uid' in one
    ? `${one.instance} (uid ${one.uid.slice(0, 8)}${describeRun(one.run)})`
    : isProcess(one)
      ? `${one.instance} (pid ${one.pid})`
      : `${one.instance} (container ${one.container.slice(0, 8)})`;

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
  if (isProcess(one)) return processOf(one);
  if (isContainer(one)) {
    const { service, instance, container, startTime } = one;
    return { service, instance, container, startTime };
  }
  const { service, instance, namespace, uid, run } = one;
  return { service, instance, namespace, uid, ...(run && { run }) };
};

export const declaredIn = ({ services }: Pick<System, 'services'>): readonly DeclaredService[] =>
  services.map(({ name, endpoints, replicas }) => ({
    name,
    protocols: endpoints.map((one) => one.protocol),
    replicas,
  }));

/** The services of a system that have an address, each with its questions. */
export const servicesAt = (
  { services, topics, consumers }: Pick<System, 'services' | 'topics'> & Partial<Pick<System, 'consumers'>>,
  addresses: Addresses,
): readonly ServiceAt[] =>
  services.flatMap(({ name, endpoints }) => {
    const kept = topics.filter((one) => one.service === name).map((one) => one.name);
    const reached = endpoints.flatMap(({ protocol, asks, proto }): EndpointAt[] => {
      const at = addresses[name]?.[protocol] ?? [];
      const groups = consumers?.[name] ?? [];
      const own =
        protocol === 'kafka'
          ? { ...(kept.length > 0 && { topics: kept }), ...(groups.length > 0 && { consumers: groups }) }
          : {};
      return at.length === 0 ? [] : [{ protocol, at, asks, proto, ...own }];
    });
    return reached.length === 0 ? [] : [{ name, endpoints: reached }];
  });

/** Undefined: the target has no such address. */
export const endpointOf = (
  { services }: Pick<Topology, 'services'>,
  service: string,
  protocol: Protocol,
): EndpointAt | undefined =>
  services.find((one) => one.name === service)?.endpoints.find((one) => one.protocol === protocol);

/** The services that speak a protocol, with that endpoint. */
export const speaking = (
  { services }: Pick<Topology, 'services'>,
  protocol: Protocol,
): readonly { readonly name: string; readonly endpoint: EndpointAt }[] =>
  services.flatMap(({ name, endpoints }) => {
    const endpoint = endpoints.find((one) => one.protocol === protocol);
    return endpoint === undefined ? [] : [{ name, endpoint }];
  });

/** The brokers of each service that is Kafka. */
export const kafkasOf = (
  topology: Pick<Topology, 'services'>,
): Readonly<Record<string, readonly KafkaEndpoint[]>> =>
  Object.fromEntries(
    speaking(topology, 'kafka').map(({ name, endpoint }) => [
      name,
      endpoint.at.map(({ id = 0, address, controller, access }) => ({
        id,
        client: address,
        ...(controller !== undefined && { controller }),
        ...(access && { access }),
      })),
    ]),
  );

const REDIS_PORT = 6379;

/** Each service that is Redis. */
export const redisesOf = (topology: Pick<Topology, 'services'>): Readonly<Record<string, RedisEndpoint>> =>
  Object.fromEntries(
    speaking(topology, 'redis').flatMap(({ name, endpoint }) =>
      endpoint.at
        .slice(0, 1)
        .map(({ address, access, nodes }) => [
          name,
          { ...addressOf(address, REDIS_PORT), ...(access && { access }), ...(nodes && { nodes }) },
        ]),
    ),
  );

/** Of the only one. Undefined for none, and for several, of which nobody said which one is meant. */
export function onlyOf<T>(byService: Readonly<Record<string, T>>): T | undefined {
  const [first, ...more] = Object.values(byService);
  return more.length === 0 ? first : undefined;
}

export const brokersOf = (topology: Pick<Topology, 'services'>): readonly KafkaEndpoint[] =>
  onlyOf(kafkasOf(topology)) ?? [];

export const redisOf = (topology: Pick<Topology, 'services'>): RedisEndpoint | undefined =>
  onlyOf(redisesOf(topology));

/** The dependencies of a target that have an address, with the names that `ProbeFeed.watch` takes. */
export const dependencies = ({ services }: Pick<Topology, 'services'>): readonly string[] =>
  services.flatMap(({ name, endpoints: [main] }) =>
    main?.protocol === 'kafka' ? main.at.map(({ id }) => `${name}-${id}`) : [name],
  );
