/**
 * Faults on links by NetworkPolicy, which a cluster offers without any guarantee. A CNI may not enforce it,
 * and another policy may allow what ours omits. So an unprivileged container in each pod dials the other
 * side, and only its observations count, on new and on open connections.
 */
import type { Impairment, LinkActs } from '../../../core/acts/link-acts.ts';
import { allLinks, callersOf, endsOf } from '../agent/link-state.ts';
import { namespacesOfServices, victimsIn, whereIs } from '../agent/net-world.ts';
import { addressesOfService } from '../agent/service-addresses.ts';
import {
  type DiallingWorld,
  dialledState,
  holdLink,
  isCrossed,
  lookAtLink,
  type Seen,
  type Wire,
} from './link-dialler.ts';
import { createPolicy, deletePolicy, listPolicies, type PlacedPolicy } from './network-policies.ts';
import { allowingPolicies } from './other-policies.ts';
import { CAUTION, lostOn, notDialled, notesOf, refuseOther } from './policy-words.ts';

interface Placed {
  readonly wires: readonly Wire[];
  /** The number of policies: one for each service that dials. */
  readonly policies: number;
  /** A check has shown that nothing passes: from then on any success is a loss of the effect. */
  hasBitten: boolean;
}

export function policyLinks(world: DiallingWorld): LinkActs {
  const { client, services } = world;
  const placed = new Map<string, Placed>();
  /** Successful dials on each link since this object was created: the traffic known to have crossed it. */
  const crossed = new Map<string, number>();
  const policiesNow = async (id?: string): Promise<readonly PlacedPolicy[]> => {
    const lists = await Promise.all(namespacesOfServices(services).map((one) => listPolicies(client, one)));
    return lists.flat().filter((one) => id === undefined || one.id === id);
  };
  const lookAt = async (wire: Wire): Promise<Seen> => {
    const seen = await lookAtLink(world, wire);
    crossed.set(wire.name, (crossed.get(wire.name) ?? 0) + seen.good);
    return seen;
  };
  return {
    caution: CAUTION,

    async list() {
      const policies = await policiesNow();
      // Does not dial where no cut is claimed, nor where another client claims it.
      const ours = [...placed].filter(([id]) => policies.some((one) => one.id === id));
      const wires = new Map(ours.flatMap(([, { wires: all }]) => all.map((one) => [one.name, one] as const)));
      const seen = new Map(
        await Promise.all([...wires.values()].map(async (wire) => [wire.name, await lookAt(wire)] as const)),
      );
      for (const [, one] of ours) one.hasBitten ||= one.wires.every(({ name }) => isStill(seen.get(name)));
      return allLinks(Object.keys(services), world.links).map((name) => {
        const on = policies.filter((one) => one.links.includes(name)).map((one) => one.id);
        return dialledState(name, on, seen.get(name) ?? null, crossed.get(name) ?? 0);
      });
    },

    async preview(links, effect) {
      refuseOther(effect);
      const from = callersOf(links);
      const instances = await victimsIn(world, from);
      return { instances, notes: notesOf(world.image, await allowingPolicies(world, from)) };
    },

    async impair({ id, links, effect }) {
      refuseOther(effect);
      const wires: Wire[] = [];
      // One after another: two at once would each add a dialler to a pod without one.
      for (const name of links) {
        const wire = await holdLink(world, name);
        if (wire === null) throw notDialled(name);
        wires.push(wire);
      }
      const policies = await createPolicies(world, id, links);
      placed.set(id, { wires, policies, hasBitten: false });
    },

    async renew(id) {
      const known = placed.get(id);
      if (known === undefined || (await policiesNow(id)).length < known.policies) return false;
      if (!known.hasBitten) return true;
      const seen = await Promise.all(known.wires.map(async (wire) => ({ wire, seen: await lookAt(wire) })));
      for (const one of seen) {
        if (isCrossed(one.seen))
          throw lostOn(one.wire.name, one.seen, await allowingPolicies(world, [endsOf(one.wire.name).from]));
      }
      // Without a pod that was cut off there is no cut.
      return seen.every((one) => one.seen.bad > 0);
    },

    async heal(id) {
      placed.delete(id);
      for (const policy of await policiesNow(id)) await deletePolicy(client, policy);
    },
  };
}

const isStill = (seen: Seen | undefined): boolean => seen !== undefined && seen.bad > 0 && !isCrossed(seen);

/** One for each service that dials; returns how many. */
async function createPolicies(
  { client, services }: DiallingWorld,
  id: Impairment['id'],
  links: Impairment['links'],
): Promise<number> {
  const callers = callersOf(links);
  for (const service of callers) {
    const own = links.filter((name) => endsOf(name).from === service);
    const to = own.map((name) => endsOf(name).to);
    const found = await Promise.all(
      to.map((name) => addressesOfService(client, name, whereIs(services, name))),
    );
    await createPolicy(client, {
      ...{ id, service, ...whereIs(services, service), links: own },
      peers: [...new Set(found.flatMap((one) => one.addresses))],
      to: to.map((name) => whereIs(services, name)),
    });
  }
  return callers.length;
}
