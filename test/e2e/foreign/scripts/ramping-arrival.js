// A rush: the rate climbs, stays and falls, with a time unit that is not a second.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  scenarios: {
    rush: {
      executor: 'ramping-arrival-rate',
      exec: 'buy',
      startRate: 300,
      timeUnit: '1m',
      preAllocatedVUs: 10,
      maxVUs: 60,
      stages: [
        { target: 2400, duration: '2s' },
        { target: 2400, duration: '3s' },
        { target: 0, duration: '1s' },
      ],
      tags: { flow: 'shop.rush' },
    },
  },
};

export function buy() {
  const id = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  http.post(`${__ENV.BASE_URL}/buy?ms=30&id=${id}`, JSON.stringify({ item: 7 }));
}
