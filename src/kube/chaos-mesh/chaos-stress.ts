/**
 * CPU stress by Chaos Mesh: a StressChaos for each container. It is in place when every record reports it,
 * and gone when each record was recovered in its last state and the object does not exist. The effect on the
 * victim is read from the kernel (../stress).
 */

import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { PodStress, PodStressActs } from '../../core/acts/pod-stress-acts.ts';
import type { Clock } from '../../core/clock.ts';
import type { PodVictim } from '../../core/topology.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { limitsOf } from '../stress/cpu-limit.ts';
import { CpuWindows } from '../stress/cpu-windows.ts';
import { needChaosMesh } from './chaos-api.ts';
import { durationOf, GROUP, IMPAIRMENT_LABEL, MARGIN_MS, nameOf } from './network-chaos.ts';
import { OurObjects } from './our-objects.ts';

const PLURAL = 'stresschaos';
/** As long as the injector watches probes before an act. */
const BEFORE_MS = ms(1500);

export interface ChaosStress extends PodStressActs {
  /** Stops its watches and readers. */
  stop(): void;
}

export interface StressWorld {
  readonly client: KubeApi;
  readonly services: KubernetesHandle['services'];
  /** The target's unprotected namespaces, which may contain our objects. */
  readonly namespaces: readonly string[];
  /** The image of packages/netagent, as the nodes can pull it. */
  readonly image: string;
}

export function chaosStress(world: StressWorld, clock: Clock = monotonicClock): ChaosStress {
  const { client, namespaces } = world;
  const windows = new CpuWindows(client, world.image, clock);
  const begun = new Map<string, { readonly stress: PodStress; readonly inPlaceAt: EpochMs }>();
  /** Stresses whose begin failed before an object was created. */
  const neverMade = new Set<string>();
  const objects = new OurObjects(client, namespaces, PLURAL, clock);
  const begin = async (stress: PodStress): Promise<void> => {
    const { id, victims, holdMs } = stress;
    neverMade.add(id);
    await needChaosMesh(client, [PLURAL]);
    await windows.open(id, victims, ms(holdMs + 2 * MARGIN_MS), BEFORE_MS);
    await objects.follow(id);
    neverMade.delete(id);
    for (const [index, one] of victims.entries()) {
      await objects.create(one.namespace, stressChaos(stress, index, one));
    }
    const reason = await objects.stillNotInPlace(id, victims.length);
    if (reason !== null) throw new Error(reason);
    windows.mark(id);
    begun.set(id, { stress, inPlaceAt: clock.now() });
  };
  const end = async (id: string): Promise<void> => {
    await objects.recover(id, LOOK);
    begun.delete(id);
  };
  return {
    async preview(victims) {
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
    // Moves nothing: the deadline is fixed. Reports whether the fault is still in place.
    renew: async (id) => (await objects.notInPlace(id, begun.get(id)?.stress.victims.length ?? 1)) === null,
    end,
    after: async (id, victims) => (neverMade.has(id) ? null : await windows.after(id, victims)),
    stop() {
      objects.stop();
      windows.stop();
    },
  };
}

const LOOK =
  'Check these containers: processes of Chaos Mesh may still run there. A restart of the container ends them.';

/** Pure. Chaos Mesh starts the spinners in the control group of the container. */
export function stressChaos({ id, workers, holdMs }: PodStress, index: number, victim: PodVictim): object {
  const { namespace, instance, run } = victim;
  return {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'StressChaos',
    metadata: { name: nameOf(id, index), namespace, labels: { [IMPAIRMENT_LABEL]: id } },
    spec: {
      mode: 'all',
      selector: { pods: { [namespace]: [instance] } },
      containerNames: [run?.container],
      stressors: { cpu: { workers, load: 100 } },
      duration: durationOf(holdMs),
    },
  };
}
