/**
 * The acts on a sandbox that its supervisor does: it holds what is in place, ends it without a renewal, and
 * its connection to Redis was open before any fault.
 */
import type { MemoryActs, MemoryMeans, MemoryStressState } from '../core/acts/memory-acts.ts';
import type { RedisActs, RedisFigures } from '../core/acts/redis-acts.ts';
import type { CpuUse, StressActs, StressMeans, StressState } from '../core/acts/stress-acts.ts';
import type { EpochMs } from '../core/units.ts';
import { callControl } from '../system/control-socket.ts';

/**
 * Above the supervisor's own time limits, so that its own answer arrives first: taskset, dying processes and
 * their group; and 1 s for each of up to three commands of Redis.
 */
const STRESS_TIMEOUT_MS = 15_000;
const REDIS_TIMEOUT_MS = 5000;

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

const caller =
  (socket: string, prefix: string, timeoutMs: number) =>
  <Answer>(method: Method, path: string, body?: unknown) =>
    callControl<Answer>(socket, method, `/${prefix}${path}`, { body, timeoutMs });

/** @param socket the supervisor's control socket. */
export function sandboxStressActs(socket: string): StressActs {
  const call = caller(socket, 'stress', STRESS_TIMEOUT_MS);
  return {
    means: () => call<StressMeans>('GET', '/means'),
    cpu: (service) => call<CpuUse[]>('GET', `/cpu?service=${encodeURIComponent(service)}`),
    list: () => call<StressState[]>('GET', '/list'),
    async begin(stress) {
      await call('PUT', '', stress);
    },
    renew: async (id, ttlMs) => (await call<{ renewed: boolean }>('POST', '/renew', { id, ttlMs })).renewed,
    async end({ id, cpu, victims }) {
      await call('POST', '/end', { id, cpu, victims });
    },
  };
}

/** @param socket the supervisor's control socket. */
export function sandboxMemoryActs(socket: string): MemoryActs {
  const call = caller(socket, 'memory', STRESS_TIMEOUT_MS);
  return {
    means: (victim) => call<MemoryMeans>('POST', '/means', victim),
    list: () => call<MemoryStressState[]>('GET', '/list'),
    async begin(stress) {
      await call('PUT', '', stress);
    },
    renew: async (id, ttlMs) => (await call<{ renewed: boolean }>('POST', '/renew', { id, ttlMs })).renewed,
    endedAt: async (id) =>
      (await call<{ endedAt: EpochMs | null }>('GET', `/ended?id=${encodeURIComponent(id)}`)).endedAt,
    async end({ id, victim, group, oomScoreAdj }) {
      await call('POST', '/end', { id, victim, group, oomScoreAdj });
    },
  };
}

/** @param socket the supervisor's control socket. */
export function sandboxRedisActs(socket: string): RedisActs {
  const call = caller(socket, 'redis/', REDIS_TIMEOUT_MS);
  return {
    keptConnection: true,
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
