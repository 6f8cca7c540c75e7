/** The acts on a sandbox's Redis, done by its supervisor, whose connection was open before any fault. */
import type { RedisActs, RedisFigures } from '../core/acts/redis-acts.ts';
import { callControl } from '../system/control-socket.ts';

/**
 * Above the supervisor's own deadlines (1 s for each of up to three commands), so that its own answer arrives
 * first.
 */
const TIMEOUT_MS = 5000;

/** @param socket the supervisor's control socket. */
export function sandboxRedisActs(socket: string): RedisActs {
  const call = <Answer>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    callControl<Answer>(socket, method, `/redis/${path}`, { body, timeoutMs: TIMEOUT_MS });
  return {
    identity: async () => (await call<{ identity: string }>('GET', 'identity')).identity,
    config: async (key) => (await call<{ value: string }>('GET', `config?key=${key}`)).value,
    setConfig: async (change) =>
      (await call<{ outcome: 'set' | 'restarted' | 'changed' }>('PUT', 'config', change)).outcome,
    pauses: async () => (await call<{ pauses: string[] }>('GET', 'pauses')).pauses,
    async pause(pause) {
      await call('PUT', 'pauses', pause);
    },
    renewPause: async (id, ttlMs) =>
      (await call<{ renewed: boolean }>('POST', 'pauses/renew', { id, ttlMs })).renewed,
    async endPause(id) {
      await call('DELETE', `pauses?id=${encodeURIComponent(id)}`);
    },
    killNormalConnections: async () => (await call<{ killed: number }>('POST', 'kill')).killed,
    figures: () => call<RedisFigures>('GET', 'figures'),
  };
}
