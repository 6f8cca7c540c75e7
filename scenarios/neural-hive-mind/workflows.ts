/**
 * Flow C of the orchestrator: a plan becomes a workflow with tickets, which are asked for by plan; and its figures.
 */
import http from 'k6/http';
import {
  type Answer,
  address,
  defineScenario,
  iteration,
  iterationId,
  journey,
  measure,
  seeded,
  timeLimit,
} from '../gauntlet.ts';
import { cognitivePlan } from '../lib/plan.ts';

export const options = defineScenario({
  summary: 'POST /api/v1/workflows/start, its tickets by plan, and GET /api/v1/flow-c/status',
  flows: {
    'orchestrator.workflow': { exec: 'workflow', service: 'orchestrator-dynamic', protocol: 'http' },
    'orchestrator.flow-c': { exec: 'status', service: 'orchestrator-dynamic', protocol: 'http' },
  },
  timeLimit: '5s',
  vuMemory: '350kB',
});

export const workflow = iteration(() => {
  const correlation = `gauntlet-${iterationId()}`;
  const ids = { planId: `plan-${correlation}`.replaceAll('/', '-'), intentId: `intent-${correlation}` };
  const plan = JSON.parse(cognitivePlan(ids, seeded(), 'BUSINESS')) as object;
  const body = JSON.stringify({ cognitive_plan: plan, correlation_id: correlation });
  const headers = { 'Content-Type': 'application/json' };
  journey((step) => {
    const start = `${address()}/api/v1/workflows/start`;
    const started = step('start', () => http.post(start, body, { headers, timeout: timeLimit() }), isStarted);
    const tickets = `${address()}/api/v1/tickets/by-plan/${ids.planId}`;
    if (started !== null) step('tickets', () => http.get(tickets, { timeout: timeLimit() }), hasTotal);
  });
});

export const status = iteration(() => {
  measure(() => http.get(`${address()}/api/v1/flow-c/status`, { timeout: timeLimit() }), hasFigures);
});

const isStarted = (answer: Answer): string => judged(answer, ({ status }) => status === 'started');
/** The workflow makes its tickets after its answer, so there may be none yet. */
const hasTotal = (answer: Answer): string => judged(answer, ({ total }) => typeof total === 'number');
const hasFigures = (answer: Answer): string =>
  judged(answer, ({ total_processed: total }) => typeof total === 'number');

function judged({ status, body }: Answer, good: (said: Record<string, unknown>) => boolean): string {
  if (status !== 200) return `http-${status}`;
  return good(JSON.parse(String(body)) as Record<string, unknown>) ? 'ok' : 'error-body';
}
