// Setup data, a login by cookie in each iteration, and a page that needs it. One in eight throws at the end.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = { scenarios: { members: { executor: 'per-vu-iterations', vus: 2, iterations: 16 } } };

export function setup() {
  const users = http.get(`${__ENV.BASE_URL}/users?id=setup`).json('users');
  http.get(`${__ENV.BASE_URL}/users?id=setup&status=503`);
  return { users, token: __ENV.TOKEN };
}

export default function (data) {
  const id = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  http.post(`${__ENV.BASE_URL}/login?ms=10&id=${id}`, { user: data.users[0], token: data.token });
  http.get(`${__ENV.BASE_URL}/me?ms=15&id=${id}`);
  if (exec.vu.iterationInScenario % 8 === 5) throw new Error(`stopped with ${data.token}`);
}

export function teardown(data) {
  http.get(`${__ENV.BASE_URL}/bye?id=teardown&users=${data.users.length}`);
}
