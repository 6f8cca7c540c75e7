// Visitors come and go.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  stages: [
    { duration: '2s', target: 8 },
    { duration: '1s', target: 8 },
    { duration: '1s', target: 0 },
  ],
};

export default async function () {
  const id = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  await http.asyncRequest('GET', `${__ENV.BASE_URL}/page?ms=40&id=${id}`);
}
