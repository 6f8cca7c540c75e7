// A script for the tests of src/load: one GET per arrival, measured as the scripts in scenarios/ do it.
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

interface Flow {
  flow: string;
  executor: string;
  vus: number;
}

const [told, schedules] = open(__ENV['GAUNTLET_LOAD'] ?? '').split('\n');
const load = JSON.parse(told ?? '') as { gracefulStopMs: number; flows: Flow[] };
const arrivals = JSON.parse(schedules ?? '') as Record<string, Record<string, unknown>>;
const started = new Counter('gauntlet_started');
const service = new Trend('gauntlet_service_ms', true);

export const options = {
  scenarios: Object.fromEntries(
    load.flows.map((one) => [
      one.executor,
      {
        ...arrivals[one.executor],
        exec: 'get',
        preAllocatedVUs: one.vus,
        maxVUs: one.vus,
        gracefulStop: `${load.gracefulStopMs}ms`,
        tags: { flow: one.flow },
      },
    ]),
  ),
};

export function get(): void {
  started.add(1);
  const answer = http.get(__ENV['URL'] ?? '');
  // `blocked` holds connecting and TLS.
  const { blocked, duration } = answer.timings;
  const outcome = answer.status === 200 ? 'ok' : answer.status === 0 ? 'no-answer' : `http-${answer.status}`;
  service.add(blocked + duration, { outcome });
}
