/** POST /coordination/tasks: a task that is stored, and that nobody executes. */
import http from 'k6/http';
import { type Answer, address, defineScenario, iteration, measure, seeded, timeLimit } from '../gauntlet.ts';

const TYPES = ['patrol', 'detection', 'neutralization', 'investigation'];

export const options = defineScenario({
  summary: 'POST /coordination/tasks: a task, stored in the memory of one process',
  flows: { 'immune.task': { service: 'active-immune-core' } },
  timeLimit: '2s',
  vuMemory: '300kB',
});

export default iteration(() => {
  const choose = seeded();
  const body = JSON.stringify({ task_type: choose.pick(TYPES), priority: 1 + choose.below(10) });
  const params = { headers: { 'Content-Type': 'application/json' }, timeout: timeLimit() };
  measure(() => http.post(`${address()}/coordination/tasks`, body, params), isPending);
});

function isPending({ status, body }: Answer): string {
  if (status !== 201) return `http-${status}`;
  return (JSON.parse(String(body)) as { status?: unknown }).status === 'pending' ? 'ok' : 'error-body';
}
