/** What acts on each Redis of a target, by its service. */
import type { RedisActs, RedisGroup } from '../../core/acts/redis-acts.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { ClusterGroup } from './cluster-group.ts';
import { RemoteRedisController } from './remote-controller.ts';
import { SentinelGroup } from './sentinel-group.ts';

export interface RedisControllers {
  /** As each server of it reports its own address; null for one that does not. */
  readonly addresses: Readonly<Record<string, () => Promise<readonly (string | null)[]>>>;
  readonly acts: {
    readonly redis?: RedisActs;
    readonly redisByService?: Readonly<Record<string, RedisActs>>;
    readonly redisGroups?: Readonly<Record<string, RedisGroup>>;
  };
  stop(): void;
}

/** Dials nothing yet. @param redis of versions that knew one, and of targets that have one. */
export function redisControllers({
  redis,
  redisByService = redis === undefined ? {} : { redis },
}: {
  readonly redis?: RedisEndpoint;
  readonly redisByService?: Readonly<Record<string, RedisEndpoint>>;
}): RedisControllers {
  const single: Record<string, RemoteRedisController> = {};
  const groups: Record<string, ClusterGroup | SentinelGroup> = {};
  for (const [service, endpoint] of Object.entries(redisByService)) {
    const { nodes } = endpoint;
    if (nodes === undefined) single[service] = RemoteRedisController.at(endpoint);
    else if (nodes.kind === 'cluster') groups[service] = new ClusterGroup(service, { ...endpoint, nodes });
    else groups[service] = new SentinelGroup(service, { ...endpoint, nodes });
  }
  const [first, ...more] = Object.values(single);
  const isOnly = more.length === 0 && Object.keys(groups).length === 0;
  return {
    addresses: {
      ...Object.fromEntries(
        Object.entries(single).map(([service, one]) => [service, async () => [await one.serverAddress()]]),
      ),
      ...Object.fromEntries(
        Object.entries(groups).map(([service, one]) => [service, () => one.serverAddresses()]),
      ),
    },
    acts: {
      ...(first !== undefined && { redisByService: single, ...(isOnly && { redis: first }) }),
      ...(Object.keys(groups).length > 0 && { redisGroups: groups }),
    },
    stop() {
      for (const one of [...Object.values(single), ...Object.values(groups)]) one.stop();
    },
  };
}
