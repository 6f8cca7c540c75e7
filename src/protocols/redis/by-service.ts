/** A controller for each Redis of a target, by its service. */
import type { RedisActs } from '../../core/acts/redis-acts.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { RemoteRedisController } from './remote-controller.ts';

export interface RedisControllers {
  readonly byService: Readonly<Record<string, RemoteRedisController>>;
  readonly acts: {
    readonly redis?: RedisActs;
    readonly redisByService?: Readonly<Record<string, RedisActs>>;
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
  const each = Object.entries(redisByService).map(
    ([service, address]) => [service, RemoteRedisController.at(address)] as const,
  );
  const byService = Object.fromEntries(each);
  const [first, ...more] = Object.values(byService);
  const acts =
    first === undefined
      ? {}
      : more.length === 0
        ? { redis: first, redisByService: byService }
        : { redisByService: byService };
  return {
    byService,
    acts,
    stop() {
      for (const one of Object.values(byService)) one.stop();
    },
  };
}
