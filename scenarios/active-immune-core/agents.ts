/**
 * An agent that is created, read and deleted. Its state is in one process: a step whose connection ends at another
 * replica is 404, as the Service of its manifests prevents by client address.
 */
import http from 'k6/http';
import { address, defineScenario, iteration, journey, timeLimit } from '../gauntlet.ts';

export const options = defineScenario({
  summary: 'three steps: POST, GET and DELETE of an agent; the last one waits for Kafka',
  flows: { 'immune.agent': { service: 'active-immune-core' } },
  timeLimit: '5s',
  vuMemory: '350kB',
});

export default iteration(() => {
  const json = { headers: { 'Content-Type': 'application/json' } };
  const body = JSON.stringify({ agent_type: 'neutrophil', config: { area_patrulha: 'gauntlet' } });
  journey((step) => {
    const made = step('create', () =>
      http.post(`${address()}/agents/`, body, { ...json, timeout: timeLimit() }),
    );
    if (made === null) return;
    const { agent_id: id } = JSON.parse(String(made.body)) as { agent_id: string };
    const read = step('read', () => http.get(`${address()}/agents/${id}`, { timeout: timeLimit() }));
    if (read !== null)
      step('delete', () => http.del(`${address()}/agents/${id}`, null, { timeout: timeLimit() }));
  });
});
