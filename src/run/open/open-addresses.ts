/**
 * A target that is only addresses, with or without processes or containers behind them: its own proxy, and
 * the commands of its Redis and Kafka.
 */
import type { DockerBlock, TargetFile } from '../../config/read-target.ts';
import { DOCKER_HOST_ALLOWED, dockerSocket } from '../../config/words/docker-host.ts';
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import { GauntletError, show, usageError } from '../../core/errors.ts';
import { replicaBounds } from '../../core/system.ts';
import { brokersOf, kafkasOf, onlyOf, redisesOf } from '../../core/topology.ts';
import { thisPlace } from '../../system/holder.ts';
import { carries, proxyPaths } from '../../system/link-proxy/state.ts';
import type { Places } from '../../system/places.ts';
import { findProxy, type OwnProxy } from '../../targets/addresses/own-proxy.ts';
import { openAddressesPlatform } from '../../targets/addresses-platform.ts';
import { engineId } from '../../targets/docker/one-engine.ts';
import { resolveTopology } from '../../targets/resolve-topology.ts';
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
      ...(target.docker && { docker: await dockerOf(target.docker, places) }),
      ...(target.processes && { processes: { boot: thisPlace().boot, services: target.processes } }),
    },
    topology,
  );
  const platform = { ...withStores(opened, topology), replicas: replicaBounds(target.system) };
  return { platform, probeTopology: topology, timers: {}, close: async () => opened.close?.() };
}

/** With the identity of the engine that answers now: acts on another one are refused from then on. */
async function dockerOf({ host, ...block }: DockerBlock, places: Places): Promise<DockerHandle> {
  const socket = socketOf(host ?? places.dockerHost ?? '');
  return { socket, engine: await engineId(socket), ...block };
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
