/**
 * An intention and its retrieval, as one iteration of two steps: POST /intentions, then GET
 * /intentions/{intent_id} by the same user (docs/systems/neural-hive-mind.md, "One intention": the entry is
 * in the cache before the POST is answered, and stays there for 600 s).
 */
import http from 'k6/http';
import {
  address,
  defineScenario,
  iteration,
  iterationId,
  journey,
  seeded,
  timeLimit,
  token,
} from './gauntlet.ts';
import { textOf } from './lib/corpus.ts';
import { identityOf } from './lib/identities.ts';
import { gatewayOutcome, intentIdOf, readBackOutcome } from './lib/outcome.ts';

export const options = defineScenario({
  summary: 'two steps: POST /intentions, then GET /intentions/{id} from the cache',
  flows: { 'gateway.journey': { service: 'gateway', records: ['intentions.*'] } },
  timeLimit: '5s',
  vuMemory: '350kB',
});

export default iteration(() => {
  const choose = seeded();
  const { userId, tenantId } = identityOf(choose);
  const text = textOf(choose);
  const body = JSON.stringify({ text, language: 'pt-BR', correlation_id: `gauntlet-${iterationId()}` });
  const headers = { 'X-User-ID': userId, 'X-Tenant-ID': tenantId, ...token() };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const url = `${address()}/intentions`;
  journey((step) => {
    const posted = step(
      'post',
      () => http.post(url, body, { headers: json, timeout: timeLimit() }),
      gatewayOutcome,
    );
    if (posted === null) return;
    const id = intentIdOf(posted);
    step('read', () => http.get(`${url}/${id}`, { headers, timeout: timeLimit() }), readBackOutcome(id));
  });
});
