/**
 * Kills by Chaos Mesh: one PodChaos for each victim, deleted as soon as it was carried out. It is one-shot,
 * and its duration has no effect: as long as the object exists, Chaos Mesh repeats a kill that failed (or
 * whose record could not be written).
 */

import type { InstanceLife } from '../../core/acts/instance-acts.ts';
import type { KillOrder, KillOrderActs } from '../../core/acts/kill-orders.ts';
import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { describeVictims, type PodVictim } from '../../core/topology.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { listPods } from '../pods/pod-list.ts';
import type { PodLives } from '../pods/pod-lives.ts';
import { needChaosMesh } from './chaos-api.ts';
import { OurObjects } from './our-objects.ts';
import { alreadyTaken, notExact, podChaos } from './pod-chaos.ts';
import { HEAL_MS, until } from './until.ts';

const PLURAL = 'podchaos';

export interface KillWorld {
  readonly client: KubeApi;
  readonly services: KubernetesHandle['services'];
  /** The target's unprotected namespaces, which may contain our objects. */
  readonly namespaces: readonly string[];
  lives(service: string): Pick<PodLives, 'read' | 'readRuns'>;
}

export function chaosKills(world: KillWorld, clock: Clock = monotonicClock): KillOrderActs {
  const { client, namespaces } = world;
  const preview = (): Promise<void> => needChaosMesh(client, [PLURAL]);
  const objects = new OurObjects(client, namespaces, PLURAL, clock);
  const withdraw = (id: string): Promise<void> => objects.takeAway(id);
  const give = async (order: KillOrder): Promise<void> => {
    await preview();
    const victims = order.victims.filter((one): one is PodVictim => 'uid' in one);
    const graces = await graceSecondsOf(world, order, victims);
    const before = await livesOf(world, victims);
    const gone = alreadyTaken(victims, before);
    if (gone.length > 0) throw new Error(`${describeVictims(gone)} was gone before Chaos Mesh was asked`);
    for (const [index, one] of victims.entries()) {
      const body = podChaos(order.id, index, one, graces.get(one.uid) ?? 0);
      await objects.create(one.namespace, body);
    }
    const reason = await objects.stillNotInPlace(order.id, victims.length);
    const stays = await withdraw(order.id).then(() => null, messageOf);
    if (reason !== null) {
      throw new Error(`${reason}${stays === null ? '' : `; ${stays}`}`);
    }
    if (stays !== null) throw new Error(stays);
    // Judged after the object is gone: it can kill nothing more.
    const wrong = await until(clock, HEAL_MS, async () =>
      notExact(victims, before, await livesOf(world, victims)),
    );
    if (wrong !== null) throw new Error(wrong);
  };
  return { preview, give, withdraw };
}

/**
 * Current lives, from the watches of the timeline: reading them before an act ensures that all later events
 * are seen.
 */
async function livesOf(world: KillWorld, victims: readonly PodVictim[]): Promise<readonly InstanceLife[]> {
  const keys = [...new Map(victims.map((one) => [`${one.service} ${one.run?.container}`, one])).values()];
  const lives = await Promise.all(
    keys.map(({ service, run }) =>
      run === undefined ? world.lives(service).read() : world.lives(service).readRuns(run.container),
    ),
  );
  return lives.flat();
}

/** By uid. Chaos Mesh always sends a grace period: the pod's own must be read and sent. */
async function graceSecondsOf(
  { client, services }: KillWorld,
  { graceMs }: KillOrder,
  victims: readonly PodVictim[],
): Promise<ReadonlyMap<string, number>> {
  if (graceMs !== null) return new Map(victims.map((one) => [one.uid, Math.round(graceMs / 1000)]));
  const names = [...new Set(victims.map((one) => one.service))];
  const found = await Promise.all(
    names.map(async (service) => {
      const where = own(services, service);
      return where === undefined ? [] : (await listPods(client, where)).items;
    }),
  );
  return new Map(found.flat().map((pod) => [pod.uid, pod.graceSeconds]));
}
