// Five visitors who read for a while after each page.

import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

export const options = { vus: 5, duration: '4s' };

export default function () {
  const id = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  http.get(`${__ENV.BASE_URL}/page?ms=50&id=${id}`);
  sleep(0.15);
}
