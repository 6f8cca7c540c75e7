/** Wraps a world so that something can happen at each of its awaits: the harness dies there, or is interrupted there. */
import type { World } from '../../../src/chaos/world.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { ProbeFeed } from '../../../src/core/samples.ts';

/** Called before and after each effect; a promise that never settles is a process that died. */
export type Gate = (where: string) => Promise<void>;

const never = new Promise<never>(() => undefined);

export function gated(world: World, gate: Gate): World {
  const {
    links,
    instances,
    workloads,
    kafka,
    redis,
    http,
    stress,
    podStress,
    cpuLimit,
    memory,
    clusterJournal,
  } = world.platform;
  const platform = {
    ...world.platform,
    ...(links && { links: gatedActs(links, 'links', gate) }),
    ...(instances && { instances: gatedActs(instances, 'instances', gate) }),
    ...(workloads && { workloads: gatedActs(workloads, 'workloads', gate) }),
    ...(kafka && { kafka: gatedActs(kafka, 'kafka', gate) }),
    ...(http && { http: gatedActs(http, 'http', gate) }),
    ...(stress && { stress: gatedActs(stress, 'stress', gate) }),
    ...(clusterJournal && { clusterJournal: gatedActs(clusterJournal, 'clusterJournal', gate) }),
    ...(podStress && { podStress: gatedActs(podStress, 'podStress', gate) }),
    ...(cpuLimit && { cpuLimit: gatedActs(cpuLimit, 'cpuLimit', gate) }),
    ...(memory && { memory: gatedActs(memory, 'memory', gate) }),
    ...(redis && { redis: gatedActs(redis, 'redis', gate) }),
  };
  return { ...world, platform, clock: gatedClock(world.clock, gate) };
}

export const gatedFeed = (feed: ProbeFeed, gate: Gate): ProbeFeed => ({
  async watch(probes) {
    await gate('feed.watch before');
    await feed.watch(probes);
    await gate('feed.watch after');
  },
  since: (probe, connection, at) => feed.since(probe, connection, at),
});

function gatedActs<Acts extends object>(acts: Acts, group: string, gate: Gate): Acts {
  return new Proxy(acts, {
    get(target, name) {
      const act = Reflect.get(target, name) as
        | ((...args: unknown[]) => unknown)
        | object
        | boolean
        | undefined;
      // The one act that answers at once, and those that not every platform has.
      if (name === 'brokers' || act === undefined || typeof act === 'boolean') return act;
      // Acts that not every platform has, in an object of their own, are named as those of their group.
      if (typeof act !== 'function') return gatedActs(act, group, gate);
      return async (...args: unknown[]) => {
        await gate(`${group}.${String(name)} before`);
        const answer = await act(...args);
        await gate(`${group}.${String(name)} after`);
        return answer;
      };
    },
  });
}

const gatedClock = (clock: Clock, gate: Gate): Clock => ({
  now: () => clock.now(),
  wall: () => clock.wall(),
  async sleep(duration, signal) {
    await gate('sleep before');
    await clock.sleep(duration, signal);
    await gate('sleep after');
  },
});

/** Dies at the given gate: from then on nothing that waits goes on. */
export function dieAt(index: number): { readonly gate: Gate; died(): boolean; passed(): number } {
  let count = 0;
  return {
    gate: () => {
      count += 1;
      return count >= index ? never : Promise.resolve();
    },
    died: () => count >= index,
    passed: () => count,
  };
}

/** Does something once at the given gate, and goes on. */
export function actAt(index: number, act: () => void): { readonly gate: Gate; passed(): number } {
  let count = 0;
  return {
    gate: async () => {
      count += 1;
      if (count === index) act();
    },
    passed: () => count,
  };
}
