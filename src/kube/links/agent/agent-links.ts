/**
 * Faults on links by rules in the network namespace of the pods that dial, except delays (proxy/). Every pod
 * holds its own rules and their kernel timeout; nothing here has to be alive for them to end. The current
 * state is read only from the pods.
 */
import type { Impairment, LinkActs, LinkEffect } from '../../../core/acts/link-acts.ts';
import { needRules } from '../../../core/acts/only-proxy.ts';
import type { AgentRequest, AgentTable, NetAgent } from './agent.ts';
import { type AgentSettings, runningAgent, withAgent } from './agent-container.ts';
import { NotRunning } from './command.ts';
import { allLinks, callersOf, endsOf, linkState } from './link-state.ts';
import { AGENT_NAME, listNetPods, type NetPod } from './net-pods.ts';
import { type NetWorld, onOwnNetwork, victimsIn, whereIs } from './net-world.ts';
import { notesFor } from './notes.ts';
import { addressesOfService, NoAddresses } from './service-addresses.ts';

interface Addressed {
  readonly service: string;
  readonly request: AgentRequest;
}

interface Placed {
  readonly impairment: Impairment;
  /** As last sent. */
  readonly requests: readonly Addressed[];
  /** Uids of the pods that have it. */
  readonly pods: readonly string[];
}

export function agentLinks(world: NetWorld): LinkActs & Required<Pick<LinkActs, 'preview'>> {
  const { client, agent, services } = world;
  const settings: AgentSettings = { image: world.image, netAdmin: true };
  const placed = new Map<string, Placed>();
  const podsOf = (service: string): Promise<readonly NetPod[]> =>
    listNetPods(client, whereIs(services, service));
  return {
    async list() {
      const names = Object.keys(services);
      const tables = new Map(
        await Promise.all(
          names.map(async (service) => {
            const pods = await podsOf(service);
            return [service, await Promise.all(pods.map((pod) => tablesIn(agent, pod)))] as const;
          }),
        ),
      );
      return allLinks(names, world.links).map((name) => linkState(name, tables.get(endsOf(name).from) ?? []));
    },

    async preview(links, effect) {
      needRules(effect);
      const from = callersOf(links);
      const instances = await victimsIn(world, from);
      return { instances, notes: notesFor(effect, from, instances.length, world.image) };
    },

    async impair(impairment) {
      const requests = await requestsFor(world, impairment, impairment.ttlMs);
      const done = await Promise.all(
        requests.map(async ({ service, request }) => {
          const pods = onOwnNetwork(service, await podsOf(service));
          await Promise.all(
            pods.map((pod) =>
              withAgent(client, pod, settings, (container) => agent.apply(pod, container, request)),
            ),
          );
          return pods.map((pod) => pod.uid);
        }),
      );
      placed.set(impairment.id, { impairment, requests, pods: done.flat() });
    },

    async renew(id, ttl) {
      const known = placed.get(id);
      if (known === undefined) return false;
      const requests = await renewed(world, known, ttl);
      placed.set(id, { ...known, requests });
      const inPlace = await Promise.all(
        requests.map(async ({ service, request }) => {
          // A pod that started meanwhile has no rules; one that ended has lost them.
          const pods = (await podsOf(service)).filter((pod) => known.pods.includes(pod.uid));
          const answers = await Promise.all(
            pods.map((pod) =>
              withAgent(client, pod, settings, (container) => agent.renew(pod, container, request)),
            ),
          );
          return answers.filter((isThere) => isThere).length;
        }),
      );
      return inPlace.reduce((sum, count) => sum + count, 0) === known.pods.length;
    },

    async heal(id) {
      placed.delete(id);
      const pods = (await Promise.all(Object.keys(services).map(podsOf))).flat();
      // Without an agent of ours a pod never had rules of ours; one that ended by itself left none.
      const suspects = pods.filter((pod) =>
        pod.agents.some(
          ({ name, state }) => name.startsWith(AGENT_NAME) && (state === 'running' || state === 'failed'),
        ),
      );
      await Promise.all(
        suspects.map((pod) =>
          withAgent(client, pod, settings, (container) => agent.undo(pod, container, id)),
        ),
      );
    },
  };
}

/** Only reads: adds no agent to a pod in order to ask it. */
async function tablesIn(agent: NetAgent, pod: NetPod): Promise<readonly AgentTable[]> {
  const container = runningAgent(pod);
  if (container === undefined) return [];
  try {
    return (await agent.state(pod, container)).tables;
  } catch (error) {
    // It ended by itself between the list and the request: then there is no table.
    if (error instanceof NotRunning) return [];
    throw error;
  }
}

/** One request for each service that dials: its pods get all of its links. */
async function requestsFor(
  { client, services }: NetWorld,
  { id, links, effect }: Impairment,
  ttlMs: number,
): Promise<readonly Addressed[]> {
  const callers = callersOf(links);
  return await Promise.all(
    callers.map(async (service) => {
      const own = links.filter((name) => endsOf(name).from === service);
      const withPeers = await Promise.all(
        own.map(async (name) => {
          const { to } = endsOf(name);
          return { name, peers: (await addressesOfService(client, to, whereIs(services, to))).addresses };
        }),
      );
      return { service, request: { id, ttlMs: Math.round(ttlMs), ...kindOf(effect), links: withPeers } };
    }),
  );
}

/**
 * With the current addresses; where a service has none at this moment (its pods were killed), with the
 * previous ones.
 */
async function renewed(world: NetWorld, known: Placed, ttlMs: number): Promise<readonly Addressed[]> {
  try {
    return await requestsFor(world, known.impairment, ttlMs);
  } catch (error) {
    if (!(error instanceof NoAddresses)) throw error;
    return known.requests;
  }
}

function kindOf(effect: LinkEffect): Pick<AgentRequest, 'kind' | 'direction' | 'bytesPerSecond'> {
  needRules(effect);
  if (effect.kind === 'reset') return { kind: 'reset' };
  if (effect.kind === 'throttle') {
    return { kind: 'police', bytesPerSecond: Math.max(1, Math.round((effect.bitsPerSecond ?? 0) / 8)) };
  }
  if (effect.direction === undefined) return { kind: 'cut' };
  return { kind: 'cut', direction: effect.direction === 'to-server' ? 'out' : 'in' };
}
