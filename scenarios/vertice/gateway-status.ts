/** GET /gateway/status: its own state and that of its circuit breaker to the registry; needs no key. */
import http from 'k6/http';
import { type Answer, address, defineScenario, iteration, measure, timeLimit } from '../gauntlet.ts';

export const options = defineScenario({
  summary: 'GET /gateway/status: its circuit breaker to the service registry',
  flows: { 'gateway.status': { service: 'api-gateway' } },
  timeLimit: '3s',
  vuMemory: '300kB',
});

export default iteration(() => {
  measure(() => http.get(`${address()}/gateway/status`, { timeout: timeLimit() }), isStatus);
});

/** Its breaker may be open: that is an answer about the registry, and the probe `registry` asks for it. */
function isStatus({ status, body }: Answer): string {
  if (status !== 200) return `http-${status}`;
  return typeof JSON.parse(String(body))?.circuit_breaker?.open === 'boolean' ? 'ok' : 'error-body';
}
