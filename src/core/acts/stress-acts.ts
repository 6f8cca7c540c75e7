/** The acts behind CPU stress: what a platform can do, and what its kernel counts meanwhile. */
import type { ProcessVictim } from '../topology.ts';
import type { Ms } from '../units.ts';

/** Each takes about 40 MB. With eight of them a victim gets a ninth of a CPU; more would show nothing new. */
export const MOST_WORKERS = 8;

/** How victims and spinners are put on one CPU, or why that is not possible here. */
export type StressMeans =
  | { readonly kind: 'affinity'; readonly tool: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * What the kernel counts for one instance, summed over its threads, including those that ended while it was
 * watched.
 */
export interface CpuUse extends ProcessVictim {
  /** CPUs that it may run on, as a list such as `0-1`; null when its threads differ. */
  readonly cpus: string | null;
  readonly cpuMs: number;
  /** Time in which a thread was runnable and had to wait for a CPU (run delay). */
  readonly waitedMs: number;
}

/** A victim and the CPUs that it had before. */
export interface PinnedVictim {
  readonly victim: ProcessVictim;
  readonly cpus: string;
}

export interface Stress {
  /** Chosen by the fault and journalled before it begins, so that any process can end it. */
  readonly id: string;
  /** The one CPU that all victims and all spinners share. */
  readonly cpu: number;
  readonly victims: readonly PinnedVictim[];
  /** Busy processes, with the same weight (nice) as the victims. */
  readonly workers: number;
  /** Platform and spinners end it by themselves after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface StressState {
  readonly id: string;
  readonly cpu: number;
  /** Spinners alive now. */
  readonly spinners: number;
  /** CPU time that the spinners used, summed. */
  readonly spinnerCpuMs: number;
}

export interface StressActs {
  means(): Promise<StressMeans>;
  /** The living instances of a service. */
  cpu(service: string): Promise<readonly CpuUse[]>;
  /** Those in place now. */
  list(): Promise<readonly StressState[]>;
  begin(stress: Stress): Promise<void>;
  /**
   * False when any part is no longer in place: it lapsed, a spinner ended, or a victim was moved or ended.
   */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. Moves back only threads of exactly these processes that are still on our CPU. */
  end(stress: Pick<Stress, 'id' | 'cpu' | 'victims'>): Promise<void>;
}
