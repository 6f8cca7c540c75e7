// A queue of jobs that several workers empty; the last of them do not come to their turn.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  scenarios: {
    jobs: { executor: 'shared-iterations', vus: 3, iterations: 200, maxDuration: '3s', gracefulStop: '5s' },
  },
};

export default function () {
  http.get(`${__ENV.BASE_URL}/job?ms=60&id=${exec.scenario.iterationInTest}`);
}
