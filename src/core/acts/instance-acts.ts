/** The acts on instances, processes or pods: who they are, their lives, and how they end. */
import type { ProcessVictim, Victim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';
import type { KillOrderActs } from './kill-orders.ts';
import type { PlacementActs } from './placement.ts';
import type { SuccessorActs } from './successors.ts';

export type InstanceState = Victim & {
  readonly ready: boolean;
  readonly restarts: number;
  /** The process exists and is stopped (state T of proc(5)). Absent: the platform cannot tell. */
  readonly stopped?: boolean;
  /** Told to go and not gone yet: it may drain. Absent where a platform does not tell. */
  readonly isLeaving?: boolean;
  /** Only of pods: what is inside. */
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
  /** Null: it does not run now. */
  readonly id: string | null;
  readonly ready: boolean;
  readonly restarts: number;
  /** How its run before this one ended. */
  readonly lastEnd: ContainerEnd | null;
}

export interface ContainerEnd {
  readonly id: string;
  readonly exitCode: number;
  /** Cut to the second by the kubelet; null = it does not say. */
  readonly at: EpochMs | null;
}

/** Where instances are processes of this machine: the sandbox. */
export type ProcessState = Extract<InstanceState, ProcessVictim>;

export interface InstanceActs {
  list(service?: string): Promise<readonly InstanceState[]>;
  /** Signals exactly this instance: refused with `gone` when its identity is not there any more. */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM'): Promise<'sent' | 'gone'>;
  /** Absent where instances can only be ended. */
  readonly pausing?: PauseActs;
  /** The lives of a service's instances so far, oldest first. */
  lives(service: string): Promise<readonly InstanceLife[]>;
  /** Only where a platform removes instances itself, with a time to drain and a budget that may say no. */
  readonly removal?: RemovalActs;
  /** Only where instances are pods: where each of them is and who owns it. */
  readonly placement?: PlacementActs;
  /**
   * Only where a service is what a selector finds: labels that are there instead of one that finds nothing.
   * Reads only.
   */
  labelsNear?(service: string): Promise<readonly string[]>;
  /** Absent: whatever ends is started again, as by a supervisor. */
  readonly successors?: SuccessorActs;
  /** Only where instances are pods: signals and lives of single containers. */
  readonly containers?: ContainerActs;
  /** Only where another controller that kills (Chaos Mesh) is named in the target file. */
  readonly orders?: KillOrderActs;
}

export interface ContainerActs {
  /**
   * A signal from inside the container to exactly this run of it.
   * @param process a name as in /proc/PID/comm; null = its main process. @throws refused where it cannot
   * arrive, with the reason.
   */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM', process: string | null): Promise<'sent' | 'gone'>;
  /** Whether that signal could arrive, without sending it. @throws as `signal`. */
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
  /** @throws refused when a disruption budget forbids it, with the budget's own words. */
  evict(victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'>;
}

/** One life of an instance, from the supervisor's own stamps (in Kubernetes: from the watch). */
export type InstanceLife = Victim & {
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Further instants of it, where the platform tells them apart. */
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
   * It certainly did not happen earlier than so long before `at`; usually far less, the way of the event to
   * us.
   */
  readonly boundMs: Ms;
}
