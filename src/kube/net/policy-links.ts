/**
 * Faults on links by NetworkPolicy: what a cluster itself offers, and promises nothing of. A CNI may not enforce it, another
 * policy may allow what ours leaves out: so an unprivileged container in each pod dials the other side, and only what it sees counts.
 */
import { GauntletError } from '../../core/errors.ts';
import type { LinkActs, LinkEffect, LinkState } from '../../core/platform.ts';
import { withAgent } from './agent-container.ts';
import { allLinks, endsOf, linkState } from './link-state.ts';
import { listNetPods } from './net-pods.ts';
import { type NetWorld, namespacesOfServices, onOwnNetwork, victimsIn, whereIs } from './net-world.ts';
import { peersOf } from './peers.ts';
import { createPolicy, deletePolicy, listPolicies, type PlacedPolicy } from './policy.ts';

/** What one TCP connection that is opened and closed weighs: seven segments without data, of 52 bytes each. */
const DIAL_BYTES = 364;

interface Tries {
  readonly good: number;
  readonly bad: number;
}

export function policyLinks(world: NetWorld): LinkActs {
  const { client, services } = world;
  /** Good dials of each link since this object was made: what has crossed it. */
  const crossed = new Map<string, number>();
  const placed = async (id?: string): Promise<readonly PlacedPolicy[]> => {
    const lists = await Promise.all(namespacesOfServices(services).map((one) => listPolicies(client, one)));
    return lists.flat().filter((one) => id === undefined || one.id === id);
  };
  const dialAll = async (name: string): Promise<Tries> => {
    const tries = await dialLink(world, name);
    crossed.set(name, (crossed.get(name) ?? 0) + tries.good);
    return tries;
  };
  return {
    async list() {
      const policies = await placed();
      return await Promise.all(
        allLinks(Object.keys(services)).map(async (name) => {
          const on = policies.filter((one) => one.links.includes(name)).map((one) => one.id);
          // Nobody dials where nothing is claimed to be cut.
          const tries = on.length === 0 ? { good: 0, bad: 0 } : await dialAll(name);
          return dialled(name, on, tries, crossed.get(name) ?? 0);
        }),
      );
    },

    async foresee(links, effect) {
      refuseOther(effect);
      const from = [...new Set(links.map((name) => endsOf(name).from))];
      return { instances: await victimsIn(world, from), notes: notesOf(world.image) };
    },

    async impair({ id, links, effect }) {
      refuseOther(effect);
      for (const name of links) {
        const { good } = await dialAll(name);
        if (good === 0) throw notDialled(name);
      }
      for (const service of new Set(links.map((name) => endsOf(name).from))) {
        const own = links.filter((name) => endsOf(name).from === service);
        const peers = await Promise.all(
          own.map((name) => peersOf(client, endsOf(name).to, whereIs(services, endsOf(name).to))),
        );
        const where = whereIs(services, service);
        const addresses = [...new Set(peers.flatMap((one) => one.addresses))];
        await createPolicy(client, { id, service, ...where, links: own, peers: addresses });
      }
    },

    renew: async (id) => (await placed(id)).length > 0,

    async heal(id) {
      for (const policy of await placed(id)) await deletePolicy(client, policy);
    },
  };
}

/** From every pod of the service that dials to every Service that leads to the other one. */
async function dialLink({ client, agent, services, image }: NetWorld, name: string): Promise<Tries> {
  const { from, to } = endsOf(name);
  const [pods, peers] = await Promise.all([
    listNetPods(client, whereIs(services, from)),
    peersOf(client, to, whereIs(services, to)),
  ]);
  const results = await Promise.all(
    onOwnNetwork(from, pods).map((pod) =>
      withAgent(client, pod, { image, netAdmin: false }, (container) =>
        Promise.all(
          peers.services.map(({ address, port }) =>
            agent.dial(pod, container, address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`),
          ),
        ),
      ),
    ),
  );
  const good = results.flat().filter((one) => one.ok).length;
  return { good, bad: results.flat().length - good };
}

function dialled(name: string, impairedBy: readonly string[], tries: Tries, good: number): LinkState {
  const state = linkState(name, []);
  const flow = { ...state.traffic.toServer, bytes: good * DIAL_BYTES, chunks: good };
  return {
    ...state,
    bytes: 2 * flow.bytes,
    connections: tries.good,
    traffic: { ...state.traffic, toServer: flow, toClient: flow, waiting: tries.bad },
    impairedBy,
  };
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
      got: 'none that answers',
      next: 'Without it nobody could tell a cut from a Service that is not there. Use kubernetes: { network: agent }.',
    },
  ]);

const notesOf = (image: string): readonly string[] => [
  'A NetworkPolicy is carried out by the CNI: whether connections that are open are cut, and whether new ones hang or are refused, is its own.',
  'It has no time-out: if harness and keeper both die it stays until `gauntlet recover`.',
  `An ephemeral container (${image}, without any capability) that dials is added to each pod that has none running; ended, it stays in ` +
    "the pod's status until the pod is replaced (the API cannot remove it).",
];
