/** CPU stress on processes of this machine, by affinity. What is in place is held by a process of its own. */
import type { InstanceActs } from '../../core/acts/instance-acts.ts';
import type { ProcessesHandle } from '../../core/acts/processes-handle.ts';
import type { StressActs } from '../../core/acts/stress-acts.ts';
import { isProcess, processOf } from '../../core/topology.ts';
import { cannotStart } from '../../system/stress/cannot-start.ts';
import { affinityMeans, CpuReadings } from '../../system/stress/cpu-readings.ts';
import { giveCpusBack, stressState } from '../../system/stress/cpu-stressor.ts';
import { Holders } from './holders.ts';
import { ELSEWHERE, isThisBoot } from './this-boot.ts';

/** @param target its identity. */
export function processStress(
  { boot }: Pick<ProcessesHandle, 'boot'>,
  target: string,
  instances: Pick<InstanceActs, 'lives'>,
): StressActs {
  const isHere = isThisBoot(boot);
  const readings = new CpuReadings();
  const holders = new Holders(target, 'cpu');
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
      const own = holders.own();
      return (own.length > 0 ? own : holders.found()).map(({ order, helpers }) =>
        stressState(order.stress, helpers),
      );
    },
    begin: (stress) =>
      holders.begin(stress, async () => {
        if (!isHere) throw cannotStart(stress, ELSEWHERE);
      }),
    renew: (id, ttl) => holders.renew(id, ttl),
    end: ({ id, cpu, victims }) =>
      holders.end(id, async () => {
        if (isHere) await giveCpusBack({ cpu, victims });
      }),
  };
}
