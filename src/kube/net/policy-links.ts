/**
 * Faults on links by NetworkPolicy: what a cluster itself offers, and promises nothing of. A CNI may not enforce it, another
 * policy may allow what ours leaves out: so an unprivileged container in each pod dials the other side, and only what it sees counts,
 * on new connections and on those that were open.
 */
import { EffectLost } from '../../core/effect-lost.ts';
import { GauntletError } from '../../core/errors.ts';
import type { Impairment, LinkActs, LinkEffect } from '../../core/platform.ts';
import {
  type DiallingWorld,
  dialledState,
  holdLink,
  isCrossed,
  isCut,
  lookAtLink,
  type Seen,
  type Wire,
} from './link-dialler.ts';
import { allLinks, endsOf } from './link-state.ts';
import { namespacesOfServices, victimsIn, whereIs } from './net-world.ts';
import { allowingPolicies } from './other-policies.ts';
import { peersOf } from './peers.ts';
import { createPolicy, deletePolicy, listPolicies, type PlacedPolicy } from './policy.ts';

interface Placed {
  readonly wires: readonly Wire[];
  /** How many policies: one for each service that dials. */
  readonly policies: number;
  /** A look has shown that nothing comes through: from then on whatever does is a loss. */
  hasBitten: boolean;
}

/** For `gauntlet doctor`, which only reads. */
const CAUTION =
  'by NetworkPolicy: only a fault shows whether the CNI enforces it, and for open connections too; one that does not is told as not injected';

export function policyLinks(world: DiallingWorld): LinkActs {
  const { client, services } = world;
  const placed = new Map<string, Placed>();
  /** Good dials of each link since this object was made: what has crossed it. */
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
      // Nobody dials where nothing is claimed to be cut, nor where somebody else claims it.
      const ours = [...placed].filter(([id]) => policies.some((one) => one.id === id));
      const wires = new Map(ours.flatMap(([, { wires: all }]) => all.map((one) => [one.name, one] as const)));
      const seen = new Map(
        await Promise.all([...wires.values()].map(async (wire) => [wire.name, await lookAt(wire)] as const)),
      );
      for (const [, one] of ours) one.hasBitten ||= one.wires.every(({ name }) => isCutIn(seen, name));
      return allLinks(Object.keys(services)).map((name) => {
        const on = policies.filter((one) => one.links.includes(name)).map((one) => one.id);
        return dialledState(name, on, seen.get(name) ?? null, crossed.get(name) ?? 0);
      });
    },

    async foresee(links, effect) {
      refuseOther(effect);
      const from = [...new Set(links.map((name) => endsOf(name).from))];
      const instances = await victimsIn(world, from);
      return { instances, notes: notesOf(world.image, await allowingPolicies(world, from)) };
    },

    async impair({ id, links, effect }) {
      refuseOther(effect);
      const wires = await Promise.all(
        links.map(async (name) => {
          const wire = await holdLink(world, name);
          if (wire === null) throw notDialled(name);
          return wire;
        }),
      );
      const policies = await createPolicies(world, id, links);
      placed.set(id, { wires, policies, hasBitten: false });
    },

    async renew(id) {
      const known = placed.get(id);
      if (known === undefined || (await policiesNow(id)).length < known.policies) return false;
      if (!known.hasBitten) return true;
      const seen = await Promise.all(known.wires.map(async (wire) => ({ wire, seen: await lookAt(wire) })));
      for (const one of seen) {
        if (isCrossed(one.seen)) throw await lostOn(world, one.wire.name, one.seen);
      }
      // Without a pod that was cut off nothing is cut off.
      return seen.every((one) => one.seen.bad > 0);
    },

    async heal(id) {
      placed.delete(id);
      for (const policy of await policiesNow(id)) await deletePolicy(client, policy);
    },
  };
}

function isCutIn(all: ReadonlyMap<string, Seen>, name: string): boolean {
  const seen = all.get(name);
  return seen !== undefined && isCut(seen);
}

/** One for each service that dials; how many. */
async function createPolicies(
  { client, services }: DiallingWorld,
  id: Impairment['id'],
  links: Impairment['links'],
): Promise<number> {
  const callers = [...new Set(links.map((name) => endsOf(name).from))];
  for (const service of callers) {
    const own = links.filter((name) => endsOf(name).from === service);
    const to = own.map((name) => endsOf(name).to);
    const found = await Promise.all(to.map((name) => peersOf(client, name, whereIs(services, name))));
    await createPolicy(client, {
      ...{ id, service, ...whereIs(services, service), links: own },
      peers: [...new Set(found.flatMap((one) => one.addresses))],
      to: to.map((name) => whereIs(services, name)),
    });
  }
  return callers.length;
}

async function lostOn(world: DiallingWorld, name: string, seen: Seen): Promise<EffectLost> {
  const { good, bad, held } = seen;
  const ofHeld = `${held.passing + held.ended} of ${held.passing + held.ended + held.silent} held ones`;
  const others = await allowingPolicies(world, [endsOf(name).from]);
  return new EffectLost('unavailable', [
    {
      subject: `link ${name}`,
      expected: 'nothing to come through while it is cut',
      got: `${good} of ${good + bad} new connections and ${ofHeld}`,
      ...(others.length > 0 && {
        next: `What other policies on these pods allow stays allowed: ${others.join(', ')}.`,
      }),
    },
  ]);
}

function refuseOther(effect: LinkEffect): void {
  if (effect.kind === 'cut' && effect.direction === undefined) return;
  throw new GauntletError('refused', [
    {
      subject: 'kubernetes.network: network-policy',
      expected: 'cut-link: a NetworkPolicy allows connections or does not',
      got: effect.kind === 'cut' ? 'one direction' : effect.kind,
      next: 'Use kubernetes: { network: agent }.',
    },
  ]);
}

const notDialled = (name: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: `link ${name}`,
      expected: 'a Service with a TCP port that can be dialled before the fault',
      got: 'none that answers from every pod',
      next: 'Without it nobody could tell a cut from a Service that is not there. Use kubernetes: { network: agent }.',
    },
  ]);

const notesOf = (image: string, others: readonly string[]): readonly string[] => [
  'A NetworkPolicy is carried out by the CNI. Whether connections that are open are cut is its own: Calico and kube-router leave them alone. ' +
    'Then the fault is not injected, because most clients keep their connections, and the policy is taken away.',
  'Whether it bites is looked at with each renewal; what comes and goes between two of them is not seen.',
  ...(others.length === 0
    ? []
    : [`What other policies on these pods allow stays allowed: ${others.join(', ')}.`]),
  'It has no time-out: if harness and keeper both die it stays until `gauntlet recover`.',
  `An ephemeral container (${image}, without any capability) that dials, and holds connections, is added to each pod that has none running. ` +
    "It ends 2 min after the last fault; ended, it stays in the pod's status until the pod is replaced (the API cannot remove it).",
];
