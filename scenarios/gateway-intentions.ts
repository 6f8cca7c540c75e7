/**
 * POST /intentions: a text in pt-BR from a user of the pool, with a correlation id that is used only once.
 */
import http from 'k6/http';
import { textOf } from './lib/corpus.ts';
import { scenarioName } from './lib/here.ts';
import { choicesOf, identityOf, iterationKey } from './lib/identities.ts';
import { flowOf, optionsFor, readLoad, required } from './lib/load.ts';
import { markRequest, markStarted } from './lib/measured.ts';
import { gatewayOutcome } from './lib/outcome.ts';
import { send } from './lib/request.ts';
import { iteration } from './lib/reserve.ts';

const load = readLoad();
const url = `${required('GAUNTLET_ADDRESS_GATEWAY')}/intentions`;
const token = __ENV['GAUNTLET_TOKEN'];

export const options = optionsFor(load, 'intention', {
  summary: 'POST /intentions with pt-BR texts: HTTP, Kafka transaction, Redis',
  flows: { 'gateway.intentions': { service: 'gateway' } },
  timeLimit: '5s',
  vuMemory: '300kB',
});

export const intention = iteration(load, () => {
  const choose = choicesOf(load.seed);
  const { userId, tenantId } = identityOf(choose);
  const body = JSON.stringify({
    text: textOf(choose),
    language: 'pt-BR',
    correlation_id: `gauntlet-${iterationKey(load.seed)}`,
    constraints: { priority: choose.pick(['low', 'normal', 'normal', 'normal', 'high']) },
  });
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'X-User-ID': userId,
    'X-Tenant-ID': tenantId,
  };
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
  const timeout = `${flowOf(load, scenarioName()).worstStallMs}ms`;
  markStarted();
  const sent = send(load, () => http.post(url, body, { headers, timeout }));
  markRequest(sent.spent, gatewayOutcome(sent));
});
