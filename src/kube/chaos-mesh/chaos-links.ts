/**
 * Links between pods, disturbed by Chaos Mesh: this code creates and deletes NetworkChaos objects, and Chaos
 * Mesh's controller acts. An impairment is in place when every record reports it, and gone when each record
 * was recovered, the objects are gone and no pod has rules of theirs.
 */

import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { Impairment, LinkActs } from '../../core/acts/link-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { needChaosMesh, podsWithRules } from './chaos-api.ts';
import { endsOf, inexpressible, pairsOf, podsAtEnds, stateOf } from './ends.ts';
import { durationOf, idOf, isNamedAfter, linksOf, MARGIN_MS, networkChaos } from './network-chaos.ts';
import { OurObjects } from './our-objects.ts';

const NOTES = [
  'By Chaos Mesh: packets between pods are dropped or delayed by address, on every port, in both dialling directions; new connections time out.',
  `Its deadline cannot be moved: it ends the fault by itself ${MARGIN_MS / 1000} s after the planned hold, if its controller lives. Before that the harness or its keeper deletes the object.`,
];

export interface ChaosLinks extends LinkActs {
  /** Stops its watches. */
  stop(): void;
}

/** @param namespaces the target's unprotected namespaces, which may contain our objects. */
export function chaosLinks(
  client: KubeApi,
  handle: KubernetesHandle,
  namespaces: readonly string[],
  clock: Clock = monotonicClock,
): ChaosLinks {
  const objects = new OurObjects(client, namespaces, 'networkchaos', clock);
  /** The number of objects of an impairment: with one missing it is not in place. */
  const placed = new Map<string, number>();
  let served: Promise<void> | undefined;
  const need = async (): Promise<void> => {
    served ??= needChaosMesh(client);
    try {
      await served;
    } catch (error) {
      served = undefined;
      throw error;
    }
  };
  const pairs = pairsOf(handle);
  const named = (links: readonly string[]) => pairs.filter((pair) => links.includes(pair.name));
  const impair = async ({ id, links, effect, holdMs }: Impairment): Promise<void> => {
    await need();
    const wrong = inexpressible(effect);
    if (wrong.length > 0) throw new GauntletError('refused', wrong);
    if (holdMs === undefined) throw noHold(id);
    const chosen = named(links);
    const pods = await podsAtEnds(client, handle, chosen);
    const ends = endsOf(chosen, pods, handle.chaosMesh?.probesFrom ?? []);
    await objects.follow(id);
    placed.set(id, ends.length);
    for (const [index, one] of ends.entries()) {
      await objects.create(one.namespace, networkChaos(id, index, one, effect, ms(holdMs)));
    }
    const reason = await objects.stillNotInPlace(id, ends.length);
    if (reason !== null) throw new Error(reason);
  };
  const heal = async (id: string): Promise<void> => {
    await objects.recover(id, LOOK);
    const pods = await podsWithRules(client, namespaces, (name) => isNamedAfter(name, id));
    if (pods.length > 0)
      throw new Error(
        `the object is gone, and Chaos Mesh still has rules of it in ${pods.join(', ')}. ${LOOK}`,
      );
  };
  return {
    async list() {
      await need();
      const all = await objects.list();
      return pairs.map((pair) => {
        const ours = all.filter((one) => linksOf(one).includes(pair.name)).map(idOf);
        return stateOf(pair, [...new Set(ours)]);
      });
    },
    async preview(links, effect) {
      const wrong = inexpressible(effect);
      if (wrong.length > 0) throw new GauntletError('refused', wrong);
      const chosen = named(links);
      const pods = await podsAtEnds(client, handle, chosen);
      const notes = [...NOTES, ...kubeletNote(chosen, handle)];
      return { instances: [...pods.values()].flat(), notes };
    },
    impair,
    // Moves nothing: the deadline is fixed. Reports whether the fault is still in place.
    renew: async (id) => (await objects.notInPlace(id, placed.get(id) ?? 1)) === null,
    heal,
    stop: () => objects.stop(),
  };
}

/**
 * Observed: on a bridge network one address served both, and a cut of the probes made the broker NotReady.
 */
const kubeletNote = (
  chosen: readonly { readonly name: string }[],
  { chaosMesh }: KubernetesHandle,
): readonly string[] =>
  chosen.some((pair) => pair.name.startsWith('probe->'))
    ? [
        `Caution: ${chaosMesh?.probesFrom.join(', ')} (probesFrom) may also be the address from which the kubelet probes these pods, as it is on a bridge ` +
          "network where Gauntlet runs on the node. Then this cuts readiness, too: the pods become NotReady, and a liveness probe restarts them. The kubelet's " +
          'address is the node side of the pod network; it is in the log of the server that the probes of a pod ask.',
      ]
    : [];

const LOOK =
  'Check these pods: the rules of Chaos Mesh may still be in force there. Deleting a pod removes them.';

const noHold = (id: string): GauntletError =>
  new GauntletError('defect', [
    {
      subject: id,
      expected: `a hold, for the duration of its object (such as ${durationOf(ms(8000))})`,
      got: 'none',
    },
  ]);
