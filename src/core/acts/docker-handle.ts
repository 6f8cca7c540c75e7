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
  /** What starts a container again that has no restart policy. */
  readonly restart: 'supervisor' | { readonly command: string } | null;
}

/** On a container, beside the target's own policy: its owner allows faults on it. */
export const CONTAINER_OPT_IN = 'gauntlet.opt-in';
