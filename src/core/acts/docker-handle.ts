/**
 * Services whose instances are containers of a Docker engine, as data: which engine, and which containers.
 */
export interface DockerHandle {
  /** The path of the engine's unix socket. */
  readonly socket: string;
  /** As the engine calls itself: behind the same socket there may be another one by the time of an undo. */
  readonly engine: string;
  readonly services: Readonly<Record<string, DockerService>>;
  /** Links between them that the system declares, such as `web->cache`. Absent: every pair is a link. */
  readonly links?: readonly string[];
  /** The image of packages/netagent. */
  readonly agent: string;
}

/** By the labels that Compose writes on each container. */
export interface DockerService {
  /** Absent: the containers of the service must all be of one project. */
  readonly project?: string;
  readonly service: string;
  /** Of one broker: which container of that service, as Compose counts them. Absent: all of them. */
  readonly number?: string;
  /** Of one broker: the container in which Kafka itself showed it to be. */
  readonly proven?: string;
  /** What starts a container again that has no restart policy. */
  readonly restart: 'supervisor' | { readonly command: string } | null;
}

/** Where the brokers of a Kafka may be, as the target file has it. */
export interface KafkaContainers {
  readonly project?: string;
  /** Compose services. Absent: any of the project. */
  readonly services?: readonly string[];
  readonly restart: DockerService['restart'];
}

/** On a container, beside the target's own policy: its owner allows faults on it. */
export const CONTAINER_OPT_IN = 'gauntlet.opt-in';
