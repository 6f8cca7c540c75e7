/**
 * The platforms `none`, `processes` and `docker`: what works from outside. Links that our own proxy carries,
 * commands of Redis and Kafka over the addresses of the target file, and acts on processes of this machine or
 * containers of an engine.
 */
import type { AddressesHandle, ProxyHandle } from '../core/acts/addresses-handle.ts';
import type { HttpActs } from '../core/acts/http-acts.ts';
import type { LinkActs } from '../core/acts/link-acts.ts';
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import { GauntletError } from '../core/errors.ts';
import type { Topology } from '../core/topology.ts';
import { ms } from '../core/units.ts';
import { redisControllers } from '../protocols/redis/by-service.ts';
import { fateOf } from '../system/holder.ts';
import { readProxyState } from '../system/link-proxy/state.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import { dockerCpuLimits } from './docker/docker-cpu-limits.ts';
import { dockerGuard } from './docker/docker-guard.ts';
import { dockerInstances } from './docker/docker-instances.ts';
import { dockerMemory } from './docker/docker-memory.ts';
import { dockerWorkloads } from './docker/docker-workloads.ts';
import { dockerLinks } from './docker/links/docker-links.ts';
import { oneEngine } from './docker/one-engine.ts';
import { kafkaActsOf, openKafkaActs } from './kafka-acts.ts';
import { ServiceReadiness } from './probes/service-readiness.ts';
import { processGuard } from './processes/process-guard.ts';
import { processInstances } from './processes/process-instances.ts';
import { processMemory } from './processes/process-memory.ts';
import { processStress } from './processes/process-stress.ts';
import { proxyHttpActs, proxyLinkActs } from './proxy-acts.ts';

/** A renewal of rules in containers is a command in each of them. */
const DOCKER_LEASE_MS = ms(6000);

/**
 * Dials nothing yet.
 * @param topology the addresses of the target file; a keeper, which needs none, gives only the identity.
 */
export function openAddressesPlatform(handle: PlatformHandle, topology?: Topology): Platform {
  const { platform, identity, addresses, processes, docker } = handle;
  const plain = { handle, topology: topology ?? { platform, identity, services: [] } };
  if (addresses === undefined) return plain;
  const stores = redisControllers(addresses);
  const readiness = new ServiceReadiness(plain.topology, monotonicClock);
  const isReady = (service: string): Promise<boolean> => readiness.of(service);
  const engine = docker && oneEngine(docker);
  const found = processes && processInstances(processes, monotonicClock, isReady);
  const containers = docker && engine && dockerInstances(docker, engine, monotonicClock, isReady);
  const instances = containers ?? found;
  return {
    ...plain,
    // Links of the target file come first: its owner has put our proxy there.
    ...(docker && engine && { links: dockerLinks(docker, engine, monotonicClock), leaseMs: DOCKER_LEASE_MS }),
    ...carried(addresses),
    ...(addresses.brokers.length > 0 && { kafka: openKafkaActs(addresses.brokers) }),
    ...kafkaActsOf(addresses.brokersByService ?? {}),
    ...stores.acts,
    ...(instances && { instances }),
    ...(docker &&
      engine &&
      containers && {
        memory: dockerMemory(identity, engine, containers),
        cpuLimit: dockerCpuLimits(docker, engine, monotonicClock),
        workloads: dockerWorkloads(docker, engine, monotonicClock),
      }),
    ...(docker && engine && { guard: dockerGuard(docker, engine) }),
    ...(processes &&
      found && {
        stress: processStress(processes, identity, found),
        memory: processMemory(processes, identity, found),
        guard: processGuard(),
      }),
    close() {
      stores.stop();
      instances?.close();
      engine?.close();
      readiness.close();
    },
  };
}

const carried = ({ proxy }: AddressesHandle): { readonly links?: LinkActs; readonly http?: HttpActs } =>
  proxy === undefined ? {} : { links: linksThrough(proxy), http: requestsThrough(proxy) };

/** Asked anew for each act: the proxy may be started, or end, at any time. */
function linksThrough(proxy: ProxyHandle): LinkActs {
  const now = (): LinkActs => proxyLinkActs(socketOf(proxy));
  return {
    list: async () => await now().list(),
    impair: async (impairment) => await now().impair(impairment),
    renew: async (id, ttl) => await now().renew(id, ttl),
    async heal(id) {
      // A proxy that has ended took its impairments with it.
      if (isGone(proxy)) return;
      await now().heal(id);
    },
  };
}

function requestsThrough(proxy: ProxyHandle): HttpActs {
  const now = (): HttpActs => proxyHttpActs(socketOf(proxy));
  return {
    list: async () => await now().list(),
    put: async (fault) => await now().put(fault),
    renew: async (id, ttl) => await now().renew(id, ttl),
    async end(id) {
      if (isGone(proxy)) return;
      await now().end(id);
    },
  };
}

const isGone = ({ stateFile }: ProxyHandle): boolean => {
  const state = readProxyState(stateFile);
  return state === undefined || fateOf(state.proxy, stateFile) === 'dead';
};

/** @throws unavailable when it is not up. */
function socketOf({ stateFile, target }: ProxyHandle): string {
  const state = readProxyState(stateFile);
  if (state !== undefined && fateOf(state.proxy, stateFile) === 'alive') return state.controlSocket;
  throw new GauntletError('unavailable', [
    {
      subject: 'links',
      expected: 'a proxy that carries them',
      got: 'none',
      next: `Start it with: gauntlet proxy up ${target}`,
    },
  ]);
}
