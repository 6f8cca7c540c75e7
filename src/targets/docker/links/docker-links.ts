/**
 * Faults on links by rules in the network namespace of the containers that dial, as in pods: packets are
 * dropped, reset or policed by peer address, and the kernel ends the rules without a renewal.
 */
import type { DockerHandle } from '../../../core/acts/docker-handle.ts';
import type { Impairment, LinkActs, LinkEffect } from '../../../core/acts/link-acts.ts';
import { needRules } from '../../../core/acts/only-proxy.ts';
import type { Clock } from '../../../core/clock.ts';
import { EVERYTHING } from '../../../core/declared-links.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { ContainerVictim } from '../../../core/topology.ts';
import { ms } from '../../../core/units.ts';
import type { AgentRequest, AgentTable } from '../../../kube/links/agent/agent.ts';
import { allLinks, callersOf, endsOf, linkName, linkState } from '../../../kube/links/agent/link-state.ts';
import { type Container, containersOf, victimIn } from '../containers.ts';
import type { Engine } from '../engine.ts';
import type { OneEngine } from '../one-engine.ts';
import { serviceOf } from '../service-of.ts';
import { linkNotes, noDelay } from './link-notes.ts';
import {
  type Agent,
  agentsOn,
  applyIn,
  isAgentOf,
  removeAgent,
  renewIn,
  startAgent,
  stateOf,
  undoIn,
  unstartedFor,
} from './net-agents.ts';

/** An engine that was asked to make an agent does so after the death of the process that asked it. */
const UNDER_WAY_MS = 2000;
const LOOK_EVERY_MS = ms(100);

interface Placed {
  readonly impairment: Impairment;
  readonly victims: readonly ContainerVictim[];
}

export function dockerLinks(
  { services, links, agent: image }: Pick<DockerHandle, 'services' | 'links' | 'agent'>,
  one: OneEngine,
  clock: Clock,
): LinkActs {
  const placed = new Map<string, Placed>();
  /** What this process itself has begun: nothing of it is under way when it is healed. */
  const own = new Set<string>();
  const running = async (engine: Engine, service: string): Promise<readonly Container[]> =>
    (await containersOf(engine, serviceOf(services, service))).filter((each) => each.isRunning);
  const callers = async (engine: Engine, service: string): Promise<readonly ContainerVictim[]> =>
    onOwnNetwork(service, await running(engine, service)).map((each) => victimIn(service, each));
  /** A service without any container dials from elsewhere; where that is all there are, it is a mistake. */
  const dialling = async (engine: Engine, all: readonly string[]): Promise<readonly string[]> => {
    const from = callersOf(all);
    if (from.length < 2) return from;
    const counts = from.map(async (name) => (await containersOf(engine, serviceOf(services, name))).length);
    const found = await Promise.all(counts);
    const here = from.filter((_, index) => (found[index] ?? 0) > 0);
    return here.length === 0 ? from : here;
  };
  const requestFor = async (
    engine: Engine,
    { id, links: all, effect }: Impairment,
    from: string,
    ttlMs: number,
  ): Promise<AgentRequest> => {
    const own = all.filter((name) => endsOf(name).from === from);
    const withPeers = own.map(async (name) => {
      const { to } = endsOf(name);
      if (to === EVERYTHING) return { name, peers: [], everyone: true as const };
      return { name, peers: addressesOf(to, await running(engine, to)) };
    });
    return { id, ttlMs: Math.round(ttlMs), ...kindOf(effect), links: await Promise.all(withPeers) };
  };
  return {
    async list() {
      const engine = await one.engine();
      const agents = await agentsOn(engine);
      const names = Object.keys(services);
      const tables = new Map<string, readonly (readonly AgentTable[])[]>();
      for (const service of agents.length === 0 ? [] : names) {
        const victims = (await running(engine, service)).map((each) => victimIn(service, each));
        const own = agents.filter((agent) => victims.some((victim) => isAgentOf(agent, victim)));
        const states = await Promise.all(own.map((agent) => stateOf(engine, agent)));
        tables.set(
          service,
          states.flatMap((state) => (state === null ? [] : [state.tables])),
        );
      }
      return [...allLinks(names, links), ...wholes(names)].map((name) =>
        linkState(name, tables.get(endsOf(name).from) ?? []),
      );
    },

    async preview(all, effect) {
      needRules(effect);
      const engine = await one.engine();
      if (effect.kind === 'throttle' && (effect.latencyMs ?? 0) > 0) throw noDelay();
      const from = await dialling(engine, all);
      const absent = callersOf(all).filter((name) => !from.includes(name));
      const instances = (await Promise.all(from.map((service) => callers(engine, service)))).flat();
      const to = all.map((name) => endsOf(name).to);
      for (const name of to) if (name !== EVERYTHING) addressesOf(name, await running(engine, name));
      const isWhole = to.includes(EVERYTHING);
      return { instances, notes: linkNotes(effect, { from, absent }, instances.length, image, isWhole) };
    },

    async impair(impairment) {
      own.add(impairment.id);
      const engine = await one.engine();
      const agents = await agentsOn(engine);
      const done = (await dialling(engine, impairment.links)).map(async (service) => {
        const request = await requestFor(engine, impairment, service, impairment.ttlMs);
        const victims = await callers(engine, service);
        const acts = victims.map(async (victim) => {
          const known = agents.find((agent) => isAgentOf(agent, victim));
          const agent = known ?? (await startAgent(engine, victim, image, impairment.id));
          await applyIn(engine, agent, victim, request);
        });
        await Promise.all(acts);
        return victims;
      });
      placed.set(impairment.id, { impairment, victims: (await Promise.all(done)).flat() });
    },

    async renew(id, ttl) {
      const known = placed.get(id);
      if (known === undefined) return false;
      const engine = await one.engine();
      const agents = await agentsOn(engine);
      const dialled = new Set(known.victims.map((victim) => victim.service));
      const done = [...dialled].map(async (service) => {
        const request = await requestFor(engine, known.impairment, service, ttl);
        // A container that was started again has another network, without rules.
        const victims = known.victims.filter((victim) => victim.service === service);
        const own = victims.map((victim) => agents.find((agent) => isAgentOf(agent, victim)));
        return await Promise.all(
          own.map(async (agent) => agent !== undefined && (await renewIn(engine, agent, request))),
        );
      });
      return (await Promise.all(done)).flat().every((isThere) => isThere);
    },

    async heal(id) {
      placed.delete(id);
      const engine = await one.engine();
      const until = clock.now() + (own.has(id) ? 0 : UNDER_WAY_MS);
      for (;;) {
        await Promise.all((await agentsOn(engine)).map((agent) => healIn(engine, agent, id)));
        const unstarted = own.has(id) ? [] : await unstartedFor(engine, id);
        await Promise.all(unstarted.map((agent) => removeAgent(engine, agent)));
        if (clock.now() >= until) return;
        await clock.sleep(LOOK_EVERY_MS);
      }
    },
  };
}

/** Each service with all that it talks to, unless a service has that name. */
const wholes = (services: readonly string[]): readonly string[] =>
  services.includes(EVERYTHING) ? [] : services.map((from) => linkName(from, EVERYTHING));

/** Agents of other faults stay: between their start and their rule they have none. */
async function healIn(engine: Engine, agent: Agent, id: string): Promise<void> {
  const tables = (await stateOf(engine, agent))?.tables;
  if (tables === undefined) return;
  const isIn = tables.some((table) => table.id === id);
  if (isIn) await undoIn(engine, agent, id);
  const isOurs = isIn || agent.startedFor === id;
  if (isOurs && tables.every((table) => table.id === id)) await removeAgent(engine, agent);
}

function kindOf(effect: LinkEffect): Pick<AgentRequest, 'kind' | 'direction' | 'bytesPerSecond'> {
  needRules(effect);
  if (effect.kind === 'reset') return { kind: 'reset' };
  if (effect.kind === 'throttle')
    return { kind: 'police', bytesPerSecond: Math.max(1, Math.round((effect.bitsPerSecond ?? 0) / 8)) };
  if (effect.direction === undefined) return { kind: 'cut' };
  return { kind: 'cut', direction: effect.direction === 'to-server' ? 'out' : 'in' };
}

/** @throws refused where the rules would be those of the machine, or of another container. */
function onOwnNetwork(service: string, some: readonly Container[]): readonly Container[] {
  const shared = some.filter((each) => /^(host$|container:)/.test(each.networkMode));
  const subject = `containers of ${service}`;
  if (shared.length > 0) {
    const got = shared.map((each) => `${each.name} with network ${each.networkMode.slice(0, 22)}`).join(', ');
    throw new GauntletError('refused', [{ subject, expected: 'a network namespace of their own', got }]);
  }
  if (some.length > 0) return some;
  const next = 'Start it, or name its Compose service in the target file (find.docker).';
  throw new GauntletError('unavailable', [
    { subject, expected: 'at least one that runs', got: 'none', next },
  ]);
}

/** @throws refused for a service without an address in a network of the engine. */
function addressesOf(service: string, some: readonly Container[]): readonly string[] {
  const found = some.flatMap((each) => each.addresses);
  if (found.length > 0) return found;
  const subject = `containers of ${service}`;
  const got =
    some.length === 0 ? 'no container that runs' : `none in ${some.map((each) => each.name).join(', ')}`;
  throw new GauntletError('refused', [{ subject, expected: 'an address in a network of the engine', got }]);
}
