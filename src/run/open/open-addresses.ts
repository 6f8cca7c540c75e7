/**
 * A target that is only addresses, with or without processes or containers behind them: its own proxy, and
 * the commands of its Redis and Kafka.
 */
import type { DockerBlock, TargetFile } from '../../config/read-target.ts';
import { DOCKER_HOST_ALLOWED, dockerSocket } from '../../config/words/docker-host.ts';
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { GauntletError, show, usageError } from '../../core/errors.ts';
import { replicaBounds } from '../../core/system.ts';
import { brokersOf, kafkasOf, onlyOf, redisesOf, type Topology } from '../../core/topology.ts';
import { thisPlace } from '../../system/holder.ts';
import { carries, proxyPaths } from '../../system/link-proxy/state.ts';
import type { Places } from '../../system/places.ts';
import { findProxy, type OwnProxy } from '../../targets/addresses/own-proxy.ts';
import { openAddressesPlatform } from '../../targets/addresses-platform.ts';
import { Engine } from '../../targets/docker/engine.ts';
import { idOf } from '../../targets/docker/one-engine.ts';
import { resolveTopology } from '../../targets/resolve-topology.ts';
import { dockerBrokers, dockerLinksOf, processBrokers, type WithBrokers } from './open-brokers.ts';
import type { OpenTarget } from './opened.ts';
import { withStores } from './stores.ts';

/**
 * @throws refused when its proxy carries other links than the file has by now; unavailable when its Docker
 * engine does not answer.
 */
export async function openAddresses(target: TargetFile, places: Places): Promise<OpenTarget> {
  const topology = resolveTopology(target);
  const own = ownProxyOf(target, places);
  const running = own && findProxy(own);
  if (own && running && !carries(running, own.links)) {
    const expected = 'a proxy with the links of the target file';
    const next = `Start it again: gauntlet proxy down ${target.file}, then gauntlet proxy up ${target.file}`;
    const problem = { subject: `target ${target.name}`, expected, got: 'one with other links', next };
    throw new GauntletError('refused', [problem]);
  }
  const stores = redisesOf(topology);
  const only = onlyOf(stores);
  const kafkas = kafkasOf(topology);
  const redis = only?.nodes === undefined ? only : undefined;
  const docker = target.docker && (await dockerOf(target.docker, target.system, topology, places));
  const processes = target.processes && (await processBrokers(target.processes, topology, target.system));
  const opened = openAddressesPlatform(
    {
      platform: target.platform,
      identity: topology.identity,
      addresses: {
        brokers: brokersOf(topology),
        ...(Object.keys(kafkas).length > 1 && { brokersByService: kafkas }),
        ...(own && { proxy: { stateFile: own.paths.state, target: target.file } }),
        ...(redis === undefined ? { redisByService: stores } : { redis }),
      },
      ...(docker && { docker: docker.handle }),
      ...(processes && { processes: { boot: thisPlace().boot, services: processes.services } }),
    },
    topology,
  );
  const known = { ...withStores(opened, topology), replicas: replicaBounds(target.system) };
  const platform = withUnproven(known, { ...docker?.unproven, ...processes?.unproven });
  return { platform, probeTopology: topology, timers: {}, close: async () => opened.close?.() };
}

/** With the identity of the engine that answers now: acts on another one are refused from then on. */
async function dockerOf(
  { host, agent, ...block }: DockerBlock,
  system: TargetFile['system'],
  topology: Topology,
  places: Places,
): Promise<{ readonly handle: DockerHandle } & Pick<WithBrokers<unknown>, 'unproven'>> {
  const socket = socketOf(host ?? places.dockerHost ?? '');
  const engine = new Engine(socket);
  try {
    const id = await idOf(engine);
    const { services, unproven } = await dockerBrokers(block, topology, engine);
    const handle = { socket, engine: id, services, ...dockerLinksOf(services, system), agent };
    return { handle, unproven };
  } finally {
    engine.close();
  }
}

/** Faults on such a broker say why it has no instance. */
function withUnproven(platform: Platform, unproven: WithBrokers<unknown>['unproven']): Platform {
  const { instances } = platform;
  if (instances === undefined || Object.keys(unproven).length === 0) return platform;
  return { ...platform, instances: { ...instances, unproven } };
}

/** @throws usage for an engine that is not at a unix socket. */
function socketOf(host: string): string {
  const path = dockerSocket(host);
  if (path !== null) return path;
  const next = 'A remote engine needs Gauntlet on its own machine: its containers are ended there.';
  throw usageError({ subject: 'DOCKER_HOST', expected: DOCKER_HOST_ALLOWED, got: show(host), next });
}

/** Undefined: the file has no links. */
export function ownProxyOf(target: TargetFile, places: Places): OwnProxy | undefined {
  const { links } = target;
  if (links === undefined) return undefined;
  const { identity } = resolveTopology(target);
  return { identity, paths: proxyPaths(places, identity), links };
}
