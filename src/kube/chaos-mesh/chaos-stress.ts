/**
 * CPU stress by Chaos Mesh: a StressChaos for each container, in place when every record says so and gone when each was recovered in
 * its last state and the object is not there. What that means for the victim is read from the kernel (../stress).
 */
import type { Clock } from '../../core/clock.ts';
import type { KubernetesHandle } from '../../core/kubernetes-handle.ts';
import type { PodStress, PodStressActs } from '../../core/pod-stress-acts.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client.ts';
import { limitsOf } from '../stress/cpu-limit.ts';
import { CpuWindows } from '../stress/cpu-windows.ts';
import { createObject, deleteObject, needChaosMesh, ourObjects } from './chaos-api.ts';
import { LastStates } from './last-states.ts';
import { MARGIN_MS, sayObject } from './network-chaos.ts';
import { notInjected, notRecovered } from './standing.ts';
import { stressChaos } from './stress-chaos.ts';
import { HEAL_MS, INJECT_MS, until } from './until.ts';

const PLURAL = 'stresschaos';
/** As long as the injector looks at probes before an act. */
const BEFORE_MS = ms(1500);

export interface ChaosStress extends PodStressActs {
  /** Ends its watches and readers. */
  stop(): void;
}

export interface StressWorld {
  readonly client: KubeApi;
  readonly services: KubernetesHandle['services'];
  /** Of the target that are not protected: where our objects can be. */
  readonly namespaces: readonly string[];
  /** Of tools/netagent, as the nodes can pull it. */
  readonly image: string;
}

export function chaosStress(world: StressWorld, clock: Clock = monotonicClock): ChaosStress {
  const { client, namespaces } = world;
  const windows = new CpuWindows(client, world.image, clock);
  const begun = new Map<string, { readonly stress: PodStress; readonly inPlaceAt: EpochMs }>();
  /** Whose begin ended before an object was made. */
  const neverMade = new Set<string>();
  const states = new Map<string, LastStates>();
  const follow = async (id: string): Promise<LastStates> => {
    const found = states.get(id) ?? new LastStates(client, namespaces, id, PLURAL);
    states.set(id, found);
    await found.start();
    return found;
  };
  const why = async (id: string, wanted: number): Promise<string | null> => {
    const objects = await ourObjects(client, namespaces, id, PLURAL);
    if (objects.length < wanted) return `${objects.length} of ${wanted} objects of ${id} are there`;
    const reasons = objects.flatMap((one) => {
      const reason = notInjected(one);
      return reason === null ? [] : [`${sayObject(one)}: ${reason}`];
    });
    return reasons.length === 0 ? null : reasons.join('; ');
  };
  const begin = async (stress: PodStress): Promise<void> => {
    const { id, victims, holdMs } = stress;
    neverMade.add(id);
    await needChaosMesh(client, [PLURAL]);
    await windows.open(id, victims, ms(holdMs + 2 * MARGIN_MS), BEFORE_MS);
    await follow(id);
    neverMade.delete(id);
    for (const [index, one] of victims.entries()) {
      await createObject(client, one.namespace, stressChaos(stress, index, one), PLURAL);
    }
    const reason = await until(clock, INJECT_MS, () => why(id, victims.length));
    if (reason !== null) throw new Error(`after ${INJECT_MS / 1000} s ${reason}`);
    windows.mark(id);
    begun.set(id, { stress, inPlaceAt: clock.now() });
  };
  const end = async (id: string): Promise<void> => {
    const state = await follow(id);
    const left = await until(clock, HEAL_MS, async () => {
      const objects = await ourObjects(client, namespaces, id, PLURAL);
      for (const one of objects)
        if (one.metadata?.deletionTimestamp === undefined) await deleteObject(client, one, PLURAL);
      if (objects.length === 0) return state.isWaiting ? 'its last event has not come' : null;
      return objects
        .map((one) => `${sayObject(one)} is there: ${notRecovered(one) ?? 'its finalizer stays'}`)
        .join('; ');
    });
    if (left !== null) throw new Error(left);
    const lost = state.unrecovered();
    if (lost !== null) throw new Error(`${lost}. ${LOOK}`);
    begun.delete(id);
  };
  return {
    async foresee(victims) {
      await needChaosMesh(client, [PLURAL]);
      return await limitsOf(client, world.services, victims);
    },
    begin,
    async list() {
      return [...begun.values()].map(({ stress, inPlaceAt }) => ({
        id: stress.id,
        inPlaceAt,
        pods: windows.since(stress.id),
      }));
    },
    // Nothing is moved: the deadline is fixed. It says whether the fault is in place still.
    renew: async (id) => (await why(id, begun.get(id)?.stress.victims.length ?? 1)) === null,
    end,
    after: async (id, victims) => (neverMade.has(id) ? null : await windows.after(id, victims)),
    stop() {
      for (const one of states.values()) one.stop();
      windows.stop();
    },
  };
}

const LOOK =
  'Look at these containers: what Chaos Mesh started there may still run. A restart of the container takes it away.';
