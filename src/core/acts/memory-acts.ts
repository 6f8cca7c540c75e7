/**
 * The acts behind memory pressure: a cgroup of its own for one victim, a limit, and the kernel's counters
 * there.
 */
import type { ContainerVictim, ProcessVictim, Victim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';

export const MIB = 1024 * 1024;
/**
 * With fewer bytes the kernel would find the hogs largest, and kill them before a small victim such as Redis.
 */
export const LEAST_MEMORY = 96 * MIB;
export const MOST_MEMORY = 256 * MIB;

/** The cgroup that counts a victim's memory now, or why no separate cgroup can be made there. */
export type MemoryMeans =
  | {
      readonly kind: 'cgroup';
      /** The process whose memory it is. */
      readonly victim: ProcessVictim;
      /** The run of a container whose main process that is. */
      readonly run?: ContainerVictim;
      /**
       * The victim's current cgroup; the new one is created inside it, so that every limit above still
       * applies.
       */
      readonly group: string;
      readonly oomScoreAdj: number;
      /** Bytes that can be allocated before a limit above, or the machine, is out of memory. */
      readonly roomBytes: number;
    }
  /** `fix`: what the user can do instead of leaving the fault out. */
  | { readonly kind: 'none'; readonly why: string; readonly fix?: string }
  | { readonly kind: 'gone' };

/** What undoes it. The id is never reused, and the victim is exactly this process. */
export interface MemoryUndo {
  readonly id: string;
  readonly victim: ProcessVictim;
  /** As in `MemoryMeans`. */
  readonly run?: ContainerVictim;
  /** The victim's value before the act. */
  readonly group: string;
  readonly oomScoreAdj: number;
}

export interface MemoryStress extends MemoryUndo {
  /**
   * For victim and hogs together, counted from now on: memory that the victim already has stays charged to
   * its old cgroup.
   */
  readonly limitBytes: number;
  /** The platform ends it after this time unless it is renewed; the hogs also end by themselves. */
  readonly ttlMs: number;
}

export interface MemoryStressState {
  readonly id: string;
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Allocations beyond the limit (memory.failcnt). */
  readonly hits: number;
  /** Hogs alive now. */
  readonly hogs: number;
  /** Processes that the kernel killed for lack of memory: of the victim's cgroup, and of the hogs. */
  readonly victimKills: number;
  readonly hogKills: number;
}

export interface MemoryActs {
  means(victim: Victim): Promise<MemoryMeans>;
  /** Those that are not ended yet, including those whose victim is dead and whose cgroup is gone. */
  list(): Promise<readonly MemoryStressState[]>;
  begin(stress: MemoryStress): Promise<void>;
  /** False when it is no longer held. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /**
   * When this stress was ended, by whatever. Null: it is not, or was never known.
   */
  endedAt(id: string): Promise<EpochMs | null>;
  /**
   * Idempotent. Afterwards the hogs are gone, the victim (if it is still this process) has its old score, and
   * the cgroup is gone.
   */
  end(undo: MemoryUndo): Promise<void>;
}
