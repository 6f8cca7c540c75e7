/** Memory stress in a sandbox, done by its supervisor, which holds it and ends it without a renewal. */
import type { MemoryActs, MemoryMeans, MemoryStressState } from '../core/acts/memory-acts.ts';
import type { EpochMs } from '../core/units.ts';
import { callControl } from '../system/control-socket.ts';

/**
 * Above the time limits for dying processes and their cgroup, so that the supervisor's own answer arrives
 * first.
 */
const TIMEOUT_MS = 15_000;

/** @param socket the supervisor's control socket. */
export function sandboxMemoryActs(socket: string): MemoryActs {
  const call = <Answer>(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) =>
    callControl<Answer>(socket, method, `/memory${path}`, { body, timeoutMs: TIMEOUT_MS });
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
