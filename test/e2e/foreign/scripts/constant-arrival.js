// A fixed number of page views per second, whatever the server does.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  scenarios: {
    views: {
      executor: 'constant-arrival-rate',
      rate: 40,
      timeUnit: '1s',
      duration: '8s',
      preAllocatedVUs: 60,
    },
  },
};

export default function () {
  const id = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  http.get(`${__ENV.BASE_URL}/page?ms=20&stall=3000,400&id=${id}`);
}
