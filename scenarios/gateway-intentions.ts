/**
 * POST /intentions: a text in pt-BR from a user of the pool, with a correlation id that is used only once.
 */
import http from 'k6/http';
import {
  address,
  defineScenario,
  iteration,
  iterationId,
  measure,
  seeded,
  timeLimit,
  token,
} from './gauntlet.ts';
import { textOf } from './lib/corpus.ts';
import { identityOf } from './lib/identities.ts';
import { gatewayOutcome } from './lib/outcome.ts';

export const options = defineScenario({
  summary: 'POST /intentions with pt-BR texts: HTTP, Kafka transaction, Redis',
  flows: { 'gateway.intentions': { service: 'gateway', records: ['intentions.*'] } },
  timeLimit: '5s',
  vuMemory: '300kB',
});

export default iteration(() => {
  const choose = seeded();
  const { userId, tenantId } = identityOf(choose);
  const body = JSON.stringify({
    text: textOf(choose),
    language: 'pt-BR',
    correlation_id: `gauntlet-${iterationId()}`,
    constraints: { priority: choose.pick(['low', 'normal', 'normal', 'normal', 'high']) },
  });
  const headers = {
    'Content-Type': 'application/json',
    'X-User-ID': userId,
    'X-Tenant-ID': tenantId,
    ...token(),
  };
  const url = `${address()}/intentions`;
  measure(() => http.post(url, body, { headers, timeout: timeLimit() }), gatewayOutcome);
});
