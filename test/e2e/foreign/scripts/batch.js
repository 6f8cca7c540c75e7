// Three parts of a page at once, then one more.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  scenarios: {
    page: {
      executor: 'constant-arrival-rate',
      rate: 15,
      timeUnit: '1s',
      duration: '5s',
      preAllocatedVUs: 15,
    },
  },
};

export default function () {
  const of = (part, ms) => `${__ENV.BASE_URL}/${part}?ms=${ms}&id=${exec.scenario.iterationInTest}`;
  http.batch([of('style', 30), of('script', 60), of('image', 90)]);
  http.get(of('late', 20));
}
