// Limits of its own, a metric of its own, and tags by which pages are told apart.

import exec from 'k6/execution';
import http from 'k6/http';
import { Trend } from 'k6/metrics';

const size = new Trend('answer_size');

export const options = {
  vus: 3,
  iterations: 90,
  thresholds: {
    http_req_failed: ['rate<0.5'],
    answer_size: [{ threshold: 'max<1', abortOnFail: true }],
    'http_req_duration{page:slow}': ['p(95)<10000', 'p(50)<10000'],
  },
};

export default function () {
  const id = exec.scenario.iterationInTest;
  for (const [page, ms] of [
    ['fast', 10],
    ['slow', 50],
  ]) {
    const answer = http.get(`${__ENV.BASE_URL}/${page}?ms=${ms}&id=${id}`, { tags: { page } });
    size.add(answer.body.length);
  }
}

export function handleSummary() {
  return { 'must-not-exist.txt': 'x' };
}
