/**
 * The fake platform as a Docker engine: its instances are containers, which a restart policy starts again.
 * They can be paused, stopped for a while, and have CPU limits. They are not replaced in turn, there are no
 * spinners, and no connection to Redis outlives the harness. Links, Kafka, the rest of Redis and probes are the
 * same.
 */
import type { InstanceActs, InstanceLife, InstanceState } from '../../src/core/acts/instance-acts.ts';
import type { MemoryActs } from '../../src/core/acts/memory-acts.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import type { WorkloadActs } from '../../src/core/acts/workload-acts.ts';
import {
  type ContainerVictim,
  isContainer,
  isProcess,
  type ProcessVictim,
  type Victim,
} from '../../src/core/topology.ts';
import type { FakePlatform } from './fake-platform.ts';

export const containerOf = ({ service, instance, pid, startTicks }: ProcessVictim): ContainerVictim => ({
  ...{ service, instance },
  container: String(pid).padStart(64, '0'),
  startTime: startTicks,
});

const stateOf = (one: InstanceState): InstanceState => {
  if (!isProcess(one)) return one;
  const { ready, restarts, stopped = false } = one;
  return { ...containerOf(one), ready, restarts, stopped };
};

const lifeOf = (one: InstanceLife): InstanceLife => {
  if (!isProcess(one)) return one;
  const { startedAt, readyAt, endedAt } = one;
  return { ...containerOf(one), startedAt, readyAt, endedAt };
};

/** The acts of a platform of containers, on the same target. */
export function asContainers(target: FakePlatform): Platform {
  const { stress: _, memory, workloads, instances, redis, ...others } = target.platform;
  if (instances?.pausing === undefined || workloads === undefined || !redis || !memory)
    throw new Error('a target without instances');
  return {
    ...others,
    instances: instancesOf(target, instances),
    workloads: workloadsOf(workloads),
    redis: { ...redis, keptConnection: false },
    cpuLimit: target.limits.acts,
    memory: memoryOf(target, memory),
  };
}

const processIn = (target: FakePlatform, victim: Victim): ProcessVictim | undefined =>
  'container' in victim
    ? target.instances().find((one) => containerOf(one).container === victim.container)
    : undefined;

/** Of the main process of a run. */
function memoryOf(target: FakePlatform, ofProcesses: MemoryActs): MemoryActs {
  return {
    ...ofProcesses,
    async means(victim) {
      const main = processIn(target, victim);
      if (main === undefined || !isContainer(victim)) return { kind: 'gone' };
      const means = await ofProcesses.means(main);
      return means.kind === 'cgroup' ? { ...means, run: victim } : means;
    },
  };
}

function workloadsOf(deployments: WorkloadActs): WorkloadActs {
  const noRestart = {
    why: 'a Docker engine, which replaces no containers in turn',
    fix: 'Use restart-storm.',
  };
  return {
    ...deployments,
    list: async (service) => (await deployments.list(service)).map((one) => ({ ...one, noRestart })),
  };
}

function instancesOf(target: FakePlatform, processes: InstanceActs): InstanceActs {
  const { pausing } = processes;
  const meant = (victim: Victim): ProcessVictim | undefined => processIn(target, victim);
  const act = async (
    victim: Victim,
    how: (one: ProcessVictim) => Promise<'sent' | 'gone'> | undefined,
  ): Promise<'sent' | 'gone'> => {
    const one = meant(victim);
    return one === undefined ? 'gone' : ((await how(one)) ?? 'gone');
  };
  return {
    list: async (service) => (await processes.list(service)).map(stateOf),
    lives: async (service) => (await processes.lives(service)).map(lifeOf),
    signal: (victim, signal) => act(victim, (one) => processes.signal(one, signal)),
    pausing: {
      stop: (victim) => act(victim, (one) => pausing?.stop(one)),
      resume: (victim) => act(victim, (one) => pausing?.resume(one)),
    },
    successors: {
      of: async (victims) => victims.map(() => ({ kind: 'comes', by: 'its restart policy unless-stopped' })),
    },
  };
}
