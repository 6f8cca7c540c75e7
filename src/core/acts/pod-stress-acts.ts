/**
 * The acts behind CPU stress inside pods: another controller starts spinners in the victim's container, and
 * Gauntlet reads the kernel's counters of its threads there.
 */
import type { PodVictim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';

export interface PodStress {
  /** Chosen by the fault and journalled before it begins, so that any process can end it. */
  readonly id: string;
  /** Runs of containers. */
  readonly victims: readonly PodVictim[];
  /** Busy processes in each of them. */
  readonly workers: number;
  /** How long it will be held: its deadline cannot be moved afterwards. */
  readonly holdMs: Ms;
}

/** What the kernel counted in one container between two readings. */
export interface CpuSpan {
  /** By the clock of the node. */
  readonly spanMs: number;
  /** Of the container's main process and all that it started. */
  readonly cpuMs: number;
  /** Time in which one of these threads was runnable and had to wait for a CPU (run delay). */
  readonly waitedMs: number;
  /** CPU time of processes that another party put into the container. */
  readonly besideMs: number;
  /** Those of them that used any CPU time. */
  readonly beside: readonly string[];
}

export interface SqueezedPod {
  readonly victim: PodVictim;
  /** Null: not read by this process. */
  readonly before: CpuSpan | null;
  /**
   * Since everything was in place, or since the end. Null = fewer than two readings yet, or none for seconds.
   */
  readonly since: CpuSpan | null;
}

export interface PodStressState {
  readonly id: string;
  /** When every record reported that it is in place; what is measured since then is its effect. */
  readonly inPlaceAt: EpochMs;
  readonly pods: readonly SqueezedPod[];
}

export interface PodStressActs {
  /**
   * The CPU limits of these containers, in CPUs and in their order.
   * @throws refused where no controller would start spinners, or where a container has no limit that the
   * spinners would share.
   */
  preview(victims: readonly PodVictim[]): Promise<readonly number[]>;
  /** Reads for a while first. @throws Error when some record does not report that it is in place. */
  begin(stress: PodStress): Promise<void>;
  /** Those that this process has begun. */
  list(): Promise<readonly PodStressState[]>;
  /** False when some record no longer reports that it is in place. Moves nothing. */
  renew(id: string): Promise<boolean>;
  /** Idempotent. @throws Error while any record is not recovered. */
  end(id: string): Promise<void>;
  /**
   * Counts since the end, for victims that still run; up to the newest whole second. Null: this process knows
   * that no stress was ever requested.
   */
  after(id: string, victims: readonly PodVictim[]): Promise<readonly SqueezedPod[] | null>;
}
