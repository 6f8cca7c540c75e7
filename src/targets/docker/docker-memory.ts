/**
 * Memory stress on containers: the victim is the main process of a run, in a cgroup inside the container's
 * own. With it all processes of the container end, and the engine does what its restart policy says.
 */
import type { MemoryActs, MemoryMeans } from '../../core/acts/memory-acts.ts';
import { isContainer, type Victim } from '../../core/topology.ts';
import { cannotStart } from '../../system/stress/cannot-start.ts';
import { memoryMeans } from '../../system/stress/memory-of-victim.ts';
import { heldMemory } from '../processes/held-memory.ts';
import { inspect, isThisRun } from './containers.ts';
import type { DockerInstances } from './docker-instances.ts';
import { hostProcessOf } from './host-process.ts';
import type { OneEngine } from './one-engine.ts';

/** @param target its identity. */
export function dockerMemory(
  target: string,
  one: OneEngine,
  instances: Pick<DockerInstances, 'beforeEnd'>,
): MemoryActs {
  return heldMemory(target, {
    means: (victim) => meansOf(victim, one),
    async prepare(stress) {
      const { run, victim } = stress;
      const main = run === undefined ? null : await instances.beforeEnd(run);
      if (main?.pid === victim.pid && main.startTicks === victim.startTicks) return;
      throw cannotStart(stress, `${victim.instance} has exited`);
    },
    async fateOf({ run }) {
      const engine = await one.engine();
      if (run === undefined) return 'ended';
      return isThisRun(await inspect(engine, run.container), run) ? 'running' : 'ended';
    },
  });
}

async function meansOf(victim: Victim, one: OneEngine): Promise<MemoryMeans> {
  if (!isContainer(victim)) return { kind: 'gone' };
  const container = await inspect(await one.engine(), victim.container);
  if (!isThisRun(container, victim)) return { kind: 'gone' };
  const found = hostProcessOf(victim, container);
  if (found.kind === 'gone') return { kind: 'gone' };
  if (found.kind === 'elsewhere') return { kind: 'none', why: found.got, fix: found.next };
  const means = memoryMeans(found.process);
  return means.kind === 'cgroup' ? { ...means, run: victim } : means;
}
