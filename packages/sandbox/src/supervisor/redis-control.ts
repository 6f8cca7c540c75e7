/**
 * Redis faults on the supervisor's control socket; it accepts only the requests that a fault needs, never a
 * free command.
 */

import {
  REDIS_READ_ONLY,
  REDIS_SETTINGS,
  type RedisActs,
  type RedisChange,
  type RedisPause,
} from '../../../../src/core/acts/redis-acts.ts';
import { GauntletError, show } from '../../../../src/core/errors.ts';
import type { Ms } from '../../../../src/core/units.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';

/**
 * GET /redis/identity · GET /redis/figures · GET /redis/config?key= · PUT /redis/config RedisChange ->
 * {outcome} · GET /redis/pauses · PUT /redis/pauses RedisPause · POST /redis/pauses/renew {id, ttlMs} ->
 * {renewed} · DELETE /redis/pauses?id= · POST /redis/kill -> {killed}.
 */
export function redisControl(redis: RedisActs): ControlHandler {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://sandbox');
    const query = (name: string): string => url.searchParams.get(name) ?? '';
    switch (`${method} ${url.pathname}`) {
      case 'GET /redis/identity':
        return { identity: await redis.identity() };
      case 'GET /redis/figures':
        return await redis.figures();
      case 'GET /redis/config': {
        const key = oneOf([...REDIS_SETTINGS, ...REDIS_READ_ONLY], query('key'));
        return { value: await redis.config(key) };
      }
      case 'PUT /redis/config': {
        const change = body as RedisChange;
        return { outcome: await redis.setConfig({ ...change, key: oneOf(REDIS_SETTINGS, change.key) }) };
      }
      case 'GET /redis/pauses':
        return { pauses: await redis.pauses() };
      case 'PUT /redis/pauses':
        await redis.pause(body as RedisPause);
        return {};
      case 'POST /redis/pauses/renew': {
        const { id, ttlMs } = body as { readonly id: string; readonly ttlMs: Ms };
        return { renewed: await redis.renewPause(id, ttlMs) };
      }
      case 'DELETE /redis/pauses':
        await redis.endPause(query('id'));
        return {};
      case 'POST /redis/kill':
        return { killed: await redis.killNormalConnections() };
      default:
        return undefined;
    }
  };
}

function oneOf<const Key extends string>(keys: readonly Key[], got: unknown): Key {
  const found = keys.find((key) => key === got);
  if (found !== undefined) return found;
  throw new GauntletError('usage', [
    { subject: 'redis setting', expected: `one of ${keys.join(', ')}`, got: show(got) },
  ]);
}
