/**
 * The acts behind a CPU that is fought for inside pods: somebody else's controller starts spinners in the
 * victim's container, and the kernel's own counts of its threads are read there.
 */
import type { PodVictim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';

export interface PodStress {
  /** Chosen by the fault and journalled before it begins, so that anybody can end it. */
  readonly id: string;
  /** Runs of containers. */
  readonly victims: readonly PodVictim[];
  /** Processes that always want to run, in each of them. */
  readonly workers: number;
  /** How long it is meant to be held: its deadline cannot be moved afterwards. */
  readonly holdMs: Ms;
}

/** What the kernel counted in one container between two readings. */
export interface CpuSpan {
  /** By the clock of the node. */
  readonly spanMs: number;
  /** Of the container's main process and all that it started. */
  readonly cpuMs: number;
  /** Time in which a thread of these could have run and had to wait for a CPU (run delay). */
  readonly waitedMs: number;
  /** CPU time of processes in the container that somebody else put there. */
  readonly besideMs: number;
  /** Those of them that used any. */
  readonly beside: readonly string[];
}

export interface SqueezedPod {
  readonly victim: PodVictim;
  /** Null: not read by this process. */
  readonly before: CpuSpan | null;
  /** Since everything was in place, or since the end; null = no two readings yet, or none for seconds. */
  readonly since: CpuSpan | null;
}

export interface PodStressState {
  readonly id: string;
  /** When every record said that it is in place; what is measured since then is its effect. */
  readonly inPlaceAt: EpochMs;
  readonly pods: readonly SqueezedPod[];
}

export interface PodStressActs {
  /**
   * The CPU limits of these containers, in CPUs and in their order.
   * @throws refused where nobody would start spinners, or where a container has no limit that they would
   * share.
   */
  preview(victims: readonly PodVictim[]): Promise<readonly number[]>;
  /** Reads for a while first. @throws Error when not every record says that it is in place. */
  begin(stress: PodStress): Promise<void>;
  /** Those that this process has begun. */
  list(): Promise<readonly PodStressState[]>;
  /** False when a record does not say any more that it is in place. Nothing is moved. */
  renew(id: string): Promise<boolean>;
  /** Idempotent. @throws Error while anything is not recovered. */
  end(id: string): Promise<void>;
  /**
   * What is counted since the end, in those of the victims that still run; the newest whole second. Null:
   * this process knows that nothing was ever asked for.
   */
  after(id: string, victims: readonly PodVictim[]): Promise<readonly SqueezedPod[] | null>;
}
