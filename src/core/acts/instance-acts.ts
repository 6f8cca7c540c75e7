/** The acts on instances (processes or pods): their identities, their lives, and how they end. */
import type { Problem } from '../errors.ts';
import type { ProcessVictim, Victim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';
import type { KillOrderActs } from './kill-orders.ts';
import type { PlacementActs } from './placement.ts';
import type { SuccessorActs } from './successors.ts';

export type InstanceState = Victim & {
  readonly ready: boolean;
  readonly restarts: number;
  /** The process exists and is stopped (state T of proc(5)). Absent: the platform cannot observe it. */
  readonly stopped?: boolean;
  /**
   * The instance is asked to end and is still there: it may drain. Absent where the platform cannot observe
   * it.
   */
  readonly isLeaving?: boolean;
  /**
   * Its process has ended, and its successor has not started: the restart back-off is running. Absent where
   * the platform lists only what runs.
   */
  readonly isEnded?: boolean;
  /** The containers of a pod; absent for processes. */
  readonly inside?: PodInside;
};

export interface PodInside {
  /** In the order of the pod's spec. */
  readonly containers: readonly ContainerState[];
  /** Containers that end are started again (restartPolicy Always). */
  readonly restarts: boolean;
  /**
   * A container's main process is process 1 of its pid namespace (neither shareProcessNamespace nor hostPID).
   */
  readonly isFirstProcess: boolean;
}

export interface ContainerState {
  readonly name: string;
  /** Null: not running now. */
  readonly id: string | null;
  readonly ready: boolean;
  readonly restarts: number;
  /** How its previous run ended. */
  readonly lastEnd: ContainerEnd | null;
}

export interface ContainerEnd {
  readonly id: string;
  readonly exitCode: number;
  /** Truncated to whole seconds by the kubelet; null = not reported. */
  readonly at: EpochMs | null;
}

/** Where instances are processes of this machine: the sandbox. */
export type ProcessState = Extract<InstanceState, ProcessVictim>;

export interface InstanceActs {
  list(service?: string): Promise<readonly InstanceState[]>;
  /** Signals exactly this instance; refuses with `gone` when that identity no longer exists. */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM'): Promise<'sent' | 'gone'>;
  /** Absent where instances can only be ended. */
  readonly pausing?: PauseActs;
  /** The lives of a service's instances so far, oldest first. */
  lives(service: string): Promise<readonly InstanceLife[]>;
  /**
   * Present only where the platform itself removes instances, with a grace period and a budget that may
   * refuse.
   */
  readonly removal?: RemovalActs;
  /** Present only where instances are pods: the node of each one, and its owner. */
  readonly placement?: PlacementActs;
  /**
   * Present only where a service is defined by a label selector: suggests existing labels for a selector that
   * finds no pod. Reads only.
   */
  labelsNear?(service: string): Promise<readonly string[]>;
  /**
   * By Kafka: why brokers of it have no instance here, each broker by its name (`kafka-2`). Absent: nothing
   * is known against it.
   */
  readonly unproven?: Readonly<Record<string, readonly Problem[]>>;
  /** Absent: an instance that ends is always restarted, as by a supervisor. */
  readonly successors?: SuccessorActs;
  /** Present only where instances are pods: signals and lives of single containers. */
  readonly containers?: ContainerActs;
  /** Present only where the target file names another controller that kills pods (Chaos Mesh). */
  readonly orders?: KillOrderActs;
}

export interface ContainerActs {
  /**
   * Sends a signal from inside the container to exactly this run of it.
   * @param process a name as in /proc/PID/comm; null = its main process.
   * @throws refused with the reason, where the signal cannot arrive.
   */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM', process: string | null): Promise<'sent' | 'gone'>;
  /** Whether that signal could arrive; sends nothing. @throws as `signal`. */
  checkSignal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM', process: string | null): Promise<void>;
  /** One life for each run of this container in each pod of the service, oldest first. */
  lives(service: string, container: string): Promise<readonly InstanceLife[]>;
}

/** Stops exactly this instance, which keeps its sockets and its memory, and lets the same one go on. */
export interface PauseActs {
  stop(victim: Victim): Promise<'sent' | 'gone'>;
  resume(victim: Victim): Promise<'sent' | 'gone'>;
}

export interface RemovalActs {
  /** @param graceMs whole seconds; null = the instance's own. */
  remove(victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'>;
  /** @throws refused when a disruption budget forbids it, with the budget's own text. */
  evict(victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'>;
}

/** One life of an instance, from the supervisor's own timestamps (in Kubernetes: from the watch). */
export type InstanceLife = Victim & {
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Further instances of it, where the platform distinguishes them. */
  readonly marks?: readonly LifeMark[];
};

export type ProcessLife = Extract<InstanceLife, ProcessVictim>;

export interface LifeMark {
  readonly name:
    | 'deletion accepted'
    | 'gone'
    | 'created'
    | 'scheduled'
    | 'started'
    | 'ready'
    | 'endpoint ready';
  readonly at: EpochMs;
  /**
   * Upper bound of how long before `at` it happened. Usually far less: the time that the event took to
   * arrive.
   */
  readonly boundMs: Ms;
}
