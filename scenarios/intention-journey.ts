/**
 * An intention and its retrieval, as one iteration of two steps: POST /intentions, then GET
 * /intentions/{intent_id} by the same user (docs/systems/neural-hive-mind.md, "One intention": the entry is
 * in the cache before the POST is answered, and stays there for 600 s).
 */
import http from 'k6/http';
import { textOf } from './lib/corpus.ts';
import { scenarioName } from './lib/here.ts';
import { choicesOf, identityOf, iterationKey } from './lib/identities.ts';
import { flowOf, optionsFor, readLoad, required } from './lib/load.ts';
import { journey, markStarted } from './lib/measured.ts';
import { gatewayOutcome, intentIdOf, readBackOutcome } from './lib/outcome.ts';
import { send } from './lib/request.ts';
import { iteration } from './lib/reserve.ts';

const load = readLoad();
const url = `${required('GAUNTLET_ADDRESS_GATEWAY')}/intentions`;
const token = __ENV['GAUNTLET_TOKEN'];

export const options = optionsFor(load, 'intentionJourney', {
  summary: 'two steps: POST /intentions, then GET /intentions/{id} from the cache',
  flows: { 'gateway.journey': { service: 'gateway' } },
  timeLimit: '5s',
  vuMemory: '350kB',
});

export const intentionJourney = iteration(load, () => {
  const choose = choicesOf(load.seed);
  const { userId, tenantId } = identityOf(choose);
  const body = JSON.stringify({
    text: textOf(choose),
    language: 'pt-BR',
    correlation_id: `gauntlet-${iterationKey(load.seed)}`,
  });
  const headers: Record<string, string> = { 'X-User-ID': userId, 'X-Tenant-ID': tenantId };
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
  const { worstStallMs } = flowOf(load, scenarioName());
  const steps = journey();
  markStarted();
  const postedAt = Date.now();
  const posted = send(load, () =>
    http.post(url, body, {
      headers: { ...headers, 'Content-Type': 'application/json' },
      timeout: `${worstStallMs}ms`,
    }),
  );
  steps.took('post', posted.spent);
  const outcome = gatewayOutcome(posted);
  const intentId = intentIdOf(posted.answer);
  if (outcome !== 'ok' || intentId === null) {
    steps.end(outcome);
    return;
  }
  // The limit applies to both steps together: the number of VUs is derived from it.
  const leftMs = Math.max(1, worstStallMs - (Date.now() - postedAt));
  const read = send(load, () => http.get(`${url}/${intentId}`, { headers, timeout: `${leftMs}ms` }));
  steps.took('read', read.spent);
  steps.end(readBackOutcome(read, intentId));
});
