/** A cluster in which everything works: pods with identities of their own, a watch that remembers their lives, acts written down. */
import type { Fault } from '../../../src/chaos/fault.ts';
import { killPod } from '../../../src/chaos/faults/instances/kill-pod.ts';
import type { World } from '../../../src/chaos/world.ts';
import type { InstanceLife, InstanceState } from '../../../src/core/acts/instance-acts.ts';
import type { Platform } from '../../../src/core/acts/platform.ts';
import { seededRng } from '../../../src/core/rng.ts';
import type { PodVictim } from '../../../src/core/topology.ts';
import { ms } from '../../../src/core/units.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

export const podOf = (uid: string, instance = `web-${uid}`, service = 'web'): PodVictim => ({
  service,
  instance,
  namespace: 'shop',
  uid,
});

export function cluster(over: Partial<Platform> = {}, pods: readonly (string | PodVictim)[] = ['a', 'b']) {
  const acts: unknown[] = [];
  const lives: InstanceLife[] = [];
  let there = pods.map((one) => (typeof one === 'string' ? podOf(one) : one));
  const states = (): InstanceState[] =>
    there.map((one) => ({ ...one, ready: true, restarts: 0, isLeaving: false }));
  const platform: Platform = {
    handle: {
      platform: 'kubernetes',
      identity: 'kubernetes:h',
      kubernetes: {
        kubeconfig: 'k',
        context: 'c',
        services: { web: { namespace: 'shop', selector: 'app=web' } },
      },
    },
    topology: { platform: 'kubernetes', identity: 'kubernetes:h', services: [] },
    instances: {
      list: async () => states(),
      lives: async () => lives,
      signal: async (victim, signal) => {
        acts.push(['signal', victim.instance, signal]);
        return 'sent';
      },
      removal: {
        remove: async (victim, grace) => {
          acts.push(['remove', victim.instance, grace]);
          return 'sent';
        },
        evict: async (victim, grace) => {
          acts.push(['evict', victim.instance, grace]);
          return 'sent';
        },
      },
    },
    ...over,
  };
  const world: World = { platform, clock: new VirtualClock(), rng: seededRng(1) };
  const planOf = async <Spec, Act, Undo>(fault: Fault<Spec, Act, Undo>, raw: object) => {
    const parsed = fault.parse({ service: 'web', ...raw });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return await fault.plan(parsed.spec, world);
  };
  const fire = async (raw: object) => {
    const plan = await planOf(killPod, raw);
    await killPod.apply(plan, world, ms(1000));
    return plan;
  };
  /** From now on there are these. */
  const replace = (...now: readonly PodVictim[]): void => {
    there = [...now];
  };
  return { acts, lives, world, planOf, fire, replace };
}
