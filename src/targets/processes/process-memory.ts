/** Memory stress on processes of this machine. */
import type { MemoryActs } from '../../core/acts/memory-acts.ts';
import type { ProcessesHandle } from '../../core/acts/processes-handle.ts';
import { isProcess } from '../../core/topology.ts';
import { cannotStart } from '../../system/stress/cannot-start.ts';
import { memoryMeans } from '../../system/stress/memory-of-victim.ts';
import { heldMemory } from './held-memory.ts';
import type { ProcessInstances } from './process-instances.ts';
import { ELSEWHERE, isThisBoot } from './this-boot.ts';

/** @param target its identity. */
export function processMemory(
  { boot }: Pick<ProcessesHandle, 'boot'>,
  target: string,
  instances: Pick<ProcessInstances, 'beforeEnd'>,
): MemoryActs {
  const isHere = isThisBoot(boot);
  return heldMemory(target, {
    means: async (victim) => (isHere && isProcess(victim) ? memoryMeans(victim) : { kind: 'gone' }),
    async prepare(stress) {
      if (!isHere) throw cannotStart(stress, ELSEWHERE);
      await instances.beforeEnd(stress.victim);
    },
    fateOf: async () => (isHere ? 'running' : 'elsewhere'),
  });
}
