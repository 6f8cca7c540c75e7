/** CPU stress on processes of this machine, by affinity. What is in place is held by a process of its own. */
import type { InstanceActs } from '../../core/acts/instance-acts.ts';
import type { ProcessesHandle } from '../../core/acts/processes-handle.ts';
import type { StressActs } from '../../core/acts/stress-acts.ts';
import { isProcess, processOf } from '../../core/topology.ts';
import { Mutex } from '../../system/mutex.ts';
import { cannotStart } from '../../system/stress/cannot-start.ts';
import { affinityMeans, CpuReadings } from '../../system/stress/cpu-readings.ts';
import { giveCpusBack, stressState } from '../../system/stress/cpu-stressor.ts';
import { isThere } from '../../system/stress/own-processes.ts';
import { endHolder, type HeldStress, heldStresses } from './held-stresses.ts';
import { type StressHolder, startHolder } from './stress-holder.ts';
import { isThisBoot } from './this-boot.ts';

/** @param target its identity. */
export function processStress(
  { boot }: Pick<ProcessesHandle, 'boot'>,
  target: string,
  instances: Pick<InstanceActs, 'lives'>,
): StressActs {
  const isHere = isThisBoot(boot);
  const readings = new CpuReadings();
  const own = new Map<string, StressHolder>();
  /** A request that arrives after its own undo must not start one. */
  const ended = new Set<string>();
  const turn = new Mutex();
  const ownHeld = (): readonly HeldStress[] =>
    [...own.values()]
      .filter(({ identity }) => isThere(identity))
      .map(({ identity, order, spinners }) => ({ holder: identity, order, spinners }));
  return {
    means: async () =>
      isHere ? await affinityMeans() : { kind: 'none', why: 'another machine, or a boot before this one' },
    async cpu(service) {
      const lives = await instances.lives(service);
      return readings.of(
        lives
          .filter((one) => one.endedAt === null)
          .filter(isProcess)
          .map(processOf),
      );
    },
    async list() {
      // The target is locked: while one is held here, no other run can hold one.
      const held = ownHeld();
      return (held.length > 0 ? held : heldStresses(target)).map(({ order, spinners }) =>
        stressState(order.stress, spinners),
      );
    },
    begin: (stress) =>
      turn.run(async () => {
        if (ended.has(stress.id)) throw cannotStart(stress, 'it was undone already');
        if (own.has(stress.id)) throw cannotStart(stress, 'it is active already');
        if (!isHere) throw cannotStart(stress, 'its processes are those of another machine or boot');
        own.set(stress.id, await startHolder({ target, stress }));
      }),
    renew: async (id, ttl) => (await own.get(id)?.renew(ttl)) ?? false,
    end: ({ id, cpu, victims }) =>
      turn.run(async () => {
        ended.add(id);
        for (const one of heldStresses(target)) if (one.order.stress.id === id) endHolder(one);
        if (isHere) await giveCpusBack({ cpu, victims });
        own.delete(id);
      }),
  };
}
