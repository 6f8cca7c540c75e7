/**
 * Kills by Chaos Mesh: a PodChaos for each victim, taken away as soon as it was carried out. It is one-shot, and its duration
 * counts for nothing: as long as the object stays, a kill that failed (or whose record could not be written) is tried again.
 */
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { KillOrder, KillOrderActs } from '../../core/kill-orders.ts';
import type { KubernetesHandle } from '../../core/kubernetes-handle.ts';
import type { InstanceLife } from '../../core/platform.ts';
import { describeVictims, type PodVictim } from '../../core/topology.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client.ts';
import { listPods } from '../pod-list.ts';
import type { PodLives } from '../pod-lives.ts';
import { createObject, deleteObject, needChaosMesh, ourObjects } from './chaos-api.ts';
import { sayObject } from './network-chaos.ts';
import { alreadyTaken, notExact, podChaos } from './pod-chaos.ts';
import { notInjected } from './standing.ts';
import { HEAL_MS, INJECT_MS, until } from './until.ts';

const PLURAL = 'podchaos';

export interface KillWorld {
  readonly client: KubeApi;
  readonly services: KubernetesHandle['services'];
  /** Of the target that are not protected: where our objects can be. */
  readonly namespaces: readonly string[];
  lives(service: string): Pick<PodLives, 'read' | 'readRuns'>;
}

export function chaosKills(world: KillWorld, clock: Clock = monotonicClock): KillOrderActs {
  const { client, namespaces } = world;
  const foresee = (): Promise<void> => needChaosMesh(client, [PLURAL]);
  const withdraw = async (id: string): Promise<void> => {
    const left = await until(clock, HEAL_MS, async () => {
      const objects = await ourObjects(client, namespaces, id, PLURAL);
      for (const one of objects)
        if (one.metadata?.deletionTimestamp === undefined) await deleteObject(client, one, PLURAL);
      return objects.length === 0 ? null : objects.map((one) => `${sayObject(one)} is there`).join('; ');
    });
    if (left !== null) throw new Error(`${left}: Chaos Mesh has not let it go`);
  };
  const give = async (order: KillOrder): Promise<void> => {
    await foresee();
    const victims = order.victims.filter((one): one is PodVictim => 'uid' in one);
    const graces = await graceSecondsOf(world, order, victims);
    const before = await livesOf(world, victims);
    const gone = alreadyTaken(victims, before);
    if (gone.length > 0) throw new Error(`${describeVictims(gone)} was gone before Chaos Mesh was told`);
    for (const [index, one] of victims.entries()) {
      const body = podChaos(order.id, index, one, graces.get(one.uid) ?? 0);
      await createObject(client, one.namespace, body, PLURAL);
    }
    const reason = await until(clock, INJECT_MS, () => notCarriedOut(world, order.id, victims.length));
    const stays = await withdraw(order.id).then(() => null, messageOf);
    if (reason !== null) {
      throw new Error(`after ${INJECT_MS / 1000} s ${reason}${stays === null ? '' : `; ${stays}`}`);
    }
    if (stays !== null) throw new Error(stays);
    // Judged after it is gone: nothing can be taken by it any more.
    const wrong = await until(clock, HEAL_MS, async () =>
      notExact(victims, before, await livesOf(world, victims)),
    );
    if (wrong !== null) throw new Error(wrong);
  };
  return { foresee, give, withdraw };
}

async function notCarriedOut(
  { client, namespaces }: KillWorld,
  id: string,
  wanted: number,
): Promise<string | null> {
  const objects = await ourObjects(client, namespaces, id, PLURAL);
  if (objects.length < wanted) return `${objects.length} of ${wanted} objects of ${id} are there`;
  const reasons = objects.flatMap((one) => {
    const reason = notInjected(one);
    return reason === null ? [] : [`${sayObject(one)}: ${reason}`];
  });
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** As of now, by the watches of the timeline: whoever reads them before an act sees all that follows it. */
async function livesOf(world: KillWorld, victims: readonly PodVictim[]): Promise<readonly InstanceLife[]> {
  const keys = [...new Map(victims.map((one) => [`${one.service} ${one.run?.container}`, one])).values()];
  const lives = await Promise.all(
    keys.map(({ service, run }) =>
      run === undefined ? world.lives(service).read() : world.lives(service).readRuns(run.container),
    ),
  );
  return lives.flat();
}

/** By uid. Chaos Mesh always sends a grace: a pod that shall have its own must be asked for it. */
async function graceSecondsOf(
  { client, services }: KillWorld,
  { graceMs }: KillOrder,
  victims: readonly PodVictim[],
): Promise<ReadonlyMap<string, number>> {
  if (graceMs !== null) return new Map(victims.map((one) => [one.uid, Math.round(graceMs / 1000)]));
  const names = [...new Set(victims.map((one) => one.service))];
  const found = await Promise.all(
    names.map(async (service) => {
      const where = services[service];
      return where === undefined ? [] : (await listPods(client, where)).items;
    }),
  );
  return new Map(found.flat().map((pod) => [pod.uid, pod.graceSeconds]));
}
