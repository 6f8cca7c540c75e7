/** CPU stress in a sandbox, asked of its supervisor: that one holds it and ends it when nobody renews it. */
import type { CpuUse, StressActs, StressMeans, StressState } from '../core/acts/stress-acts.ts';
import { callControl } from '../system/control-socket.ts';

/** Above the times that taskset and a dying process are given, so that the supervisor's answer is the one that counts. */
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
