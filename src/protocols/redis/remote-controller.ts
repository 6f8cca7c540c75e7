/**
 * The acts on a Redis that no supervisor of ours watches, by its own commands, over the address of the target
 * file. The process that began a pause holds it in slices: when that process dies or hangs, the last slice is
 * over within 0.6 s, and nothing is left to undo. Any process that has the journal can restore a setting
 * (docs/decisions/025-redis-commands-in-the-cluster.md).
 */
import type { RedisChange, RedisReadable } from '../../core/acts/redis-acts.ts';
import { GauntletError } from '../../core/errors.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { RedisController } from './controller.ts';

export class RemoteRedisController extends RedisController {
  override readonly keptConnection: boolean = false;
  readonly #stopping: AbortController;

  /** Nothing is dialled yet. */
  static at(address: RedisEndpoint): RemoteRedisController {
    return new RemoteRedisController(address, new AbortController());
  }

  private constructor(address: RedisEndpoint, stopping: AbortController) {
    super({ ...address, clock: monotonicClock, stopped: stopping.signal });
    this.#stopping = stopping;
  }

  /** @throws refused for maxclients. */
  override async config(key: RedisReadable): Promise<string> {
    refuseMaxclients(key);
    return await super.config(key);
  }

  /** @throws refused for maxclients. */
  override async setConfig(change: RedisChange): Promise<'set' | 'restarted' | 'changed'> {
    refuseMaxclients(change.key);
    return await super.setConfig(change);
  }

  stop(): void {
    this.#stopping.abort();
  }
}

/**
 * At its client limit Redis also rejects the keeper, and `recover` from another machine, which would raise it
 * again.
 */
function refuseMaxclients(key: RedisReadable): void {
  if (key !== 'maxclients') return;
  throw new GauntletError('refused', [
    {
      subject: 'maxclients of a Redis outside of the sandbox',
      expected: 'a platform with a connection to Redis that outlives the harness',
      got: 'none: at its client limit Redis would also turn away the undo',
      next: 'Run it on the sandbox, or use redis-kill-connections or cut-link.',
    },
  ]);
}
