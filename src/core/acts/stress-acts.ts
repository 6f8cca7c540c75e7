/**
 * The acts behind a CPU that is fought for: what a platform can do, and what its kernel counts while it does.
 */
import type { ProcessVictim } from '../topology.ts';
import type { Ms } from '../units.ts';

/** Each takes about 40 MB, and beside eight a victim has a ninth of a CPU: more show nothing else. */
export const MOST_WORKERS = 8;

/** By what means victims and spinners are brought together, or why that is not possible here. */
export type StressMeans =
  | { readonly kind: 'affinity'; readonly tool: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * What the kernel counts for one instance, summed over its threads, those included that ended while it was
 * watched.
 */
export interface CpuUse extends ProcessVictim {
  /** CPUs that it may run on, as a list such as `0-1`; null when its threads differ. */
  readonly cpus: string | null;
  readonly cpuMs: number;
  /** Time in which a thread could have run and had to wait for a CPU (run delay). */
  readonly waitedMs: number;
}

/** A victim and the CPUs that it had before. */
export interface PinnedVictim {
  readonly victim: ProcessVictim;
  readonly cpus: string;
}

export interface Stress {
  /** Chosen by the fault and journalled before it begins, so that anybody can end it. */
  readonly id: string;
  /** The one CPU that all victims and all spinners share. */
  readonly cpu: number;
  readonly victims: readonly PinnedVictim[];
  /** Processes that always want to run, with the weight (nice) of the victims. */
  readonly workers: number;
  /** Platform and spinners end it by themselves after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface StressState {
  readonly id: string;
  readonly cpu: number;
  /** Spinners that live now. */
  readonly spinners: number;
  /** What those have used, summed. */
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
   * False when it is not wholly in place any more: lapsed, a spinner ended, a victim was moved or has ended.
   */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. Moves back only threads that are still on our CPU, of exactly these processes. */
  end(stress: Pick<Stress, 'id' | 'cpu' | 'victims'>): Promise<void>;
}
