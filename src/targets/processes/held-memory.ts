/**
 * Memory stress on processes of this machine that Gauntlet did not start, or that an engine did. What is in
 * place is held by a process of its own.
 */
import type { MemoryActs, MemoryStress, MemoryUndo } from '../../core/acts/memory-acts.ts';
import type { EpochMs } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { giveMemoryBack, memoryState } from '../../system/stress/memory-of-victim.ts';
import { Holders } from './holders.ts';

export interface MemoryPlace {
  readonly means: MemoryActs['means'];
  /** Before it begins: what sees the victim end, and what starts it again. @throws where it cannot begin. */
  prepare(stress: MemoryStress): Promise<void>;
  /**
   * Whether the victim of an undo can still run; `elsewhere`: not on this machine. Asked before its holder is
   * ended, which otherwise does it by itself. @throws where that cannot be known.
   */
  fateOf(undo: MemoryUndo): Promise<'running' | 'ended' | 'elsewhere'>;
}

/** @param target its identity. */
export function heldMemory(target: string, { means, prepare, fateOf }: MemoryPlace): MemoryActs {
  const holders = new Holders(target, 'memory');
  const endedAt = new Map<string, EpochMs>();
  return {
    means,
    async list() {
      // The target is locked: while one is held here, no other run can hold one.
      const own = holders.own();
      if (own.length === 0)
        return holders.found().map(({ order, helpers }) => memoryState(order.stress, helpers));
      return (await Promise.all(own.map((one) => one.memory()))).flat();
    },
    begin: (stress) => holders.begin(stress, () => prepare(stress)),
    renew: (id, ttl) => holders.renew(id, ttl),
    endedAt: async (id) => endedAt.get(id) ?? null,
    async end(undo) {
      const fate = await fateOf(undo);
      await holders.end(undo.id, async () => {
        if (fate !== 'elsewhere') await giveMemoryBack(undo, fate === 'running');
      });
      // The first end counts: later ones find nothing to end.
      if (!endedAt.has(undo.id)) endedAt.set(undo.id, monotonicClock.now());
    },
  };
}
