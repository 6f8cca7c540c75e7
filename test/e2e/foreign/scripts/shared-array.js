// Each of the users of a file does the same number of things.

import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';

const users = new SharedArray('users', () => JSON.parse(open('./users.json')));

export const options = {
  scenarios: { each: { executor: 'per-vu-iterations', vus: 4, iterations: 15, maxDuration: '20s' } },
};

export default function () {
  const user = users[(exec.vu.idInTest - 1) % users.length];
  http.get(`${__ENV.BASE_URL}/of/${user}?ms=25&id=${exec.vu.idInTest}-${exec.vu.iterationInScenario}`);
}
