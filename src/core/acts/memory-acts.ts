/**
 * The acts behind a memory that is used up: a group of its own for one victim, a limit, and what the kernel
 * counts there.
 */
import type { ProcessVictim, Victim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';

export const MIB = 1024 * 1024;
/**
 * With fewer bytes the hogs themselves would be what the kernel finds largest, before a small victim such as
 * Redis.
 */
export const LEAST_MEMORY = 96 * MIB;
export const MOST_MEMORY = 256 * MIB;

/** Where a victim's memory is counted now, or why no group of its own can be made there. */
export type MemoryMeans =
  | {
      readonly kind: 'cgroup';
      /** The process whose memory it is. */
      readonly victim: ProcessVictim;
      /** The victim's own group; the new one is made inside it, so that every limit above stays in force. */
      readonly group: string;
      readonly oomScoreAdj: number;
      /** Bytes that may still be taken before a limit above, or the machine, is out of memory. */
      readonly roomBytes: number;
    }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'gone' };

/** What undoes it: the id is never reused, and the victim is exactly this process. */
export interface MemoryUndo {
  readonly id: string;
  readonly victim: ProcessVictim;
  /** Of the victim before. */
  readonly group: string;
  readonly oomScoreAdj: number;
}

export interface MemoryStress extends MemoryUndo {
  /**
   * For victim and hogs together, counted from now on: what the victim has already is counted in its old
   * group.
   */
  readonly limitBytes: number;
  /** It is ended by itself after this time unless it is renewed; the hogs end by themselves too. */
  readonly ttlMs: number;
}

export interface MemoryStressState {
  readonly id: string;
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Times that somebody asked for memory beyond the limit (memory.failcnt). */
  readonly hits: number;
  /** Hogs that live now. */
  readonly hogs: number;
  /** Processes of the victim's group that the kernel has killed for want of memory, and of the hogs'. */
  readonly victimKills: number;
  readonly hogKills: number;
}

export interface MemoryActs {
  means(victim: Victim): Promise<MemoryMeans>;
  /** Those in place now, those included whose victim is dead. */
  list(): Promise<readonly MemoryStressState[]>;
  begin(stress: MemoryStress): Promise<void>;
  /** False when it is not held any more. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /**
   * When the group of this stress was gone, whoever ended it; null: it is still there, or nobody knows of it.
   */
  endedAt(id: string): Promise<EpochMs | null>;
  /** Idempotent: hogs gone, victim (if it is this process) back with its score, group gone. */
  end(undo: MemoryUndo): Promise<void>;
}
