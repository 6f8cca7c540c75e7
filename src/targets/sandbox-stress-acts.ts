/** CPU stress in a sandbox, done by its supervisor, which holds it and ends it without a renewal. */
import type { CpuUse, StressActs, StressMeans, StressState } from '../core/acts/stress-acts.ts';
import { callControl } from '../system/control-socket.ts';

/**
 * Above the time limits for taskset and a dying process, so that the supervisor's own answer arrives first.
 */
const TIMEOUT_MS = 15_000;

/** @param socket the supervisor's control socket. */
export function sandboxStressActs(socket: string): StressActs {
  const call = <Answer>(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) =>
    callControl<Answer>(socket, method, `/stress${path}`, { body, timeoutMs: TIMEOUT_MS });
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
