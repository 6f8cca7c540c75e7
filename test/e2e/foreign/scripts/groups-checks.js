// Groups, checks that fail now and then, and names and tags with every sign that a CSV has to quote.

import { check, group } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

export const options = {
  scenarios: {
    visit: {
      executor: 'constant-arrival-rate',
      rate: 20,
      timeUnit: '1s',
      duration: '4s',
      preAllocatedVUs: 20,
      exec: 'visit',
    },
  },
};

export function visit() {
  const number = exec.scenario.iterationInTest;
  const id = `&id=${number}`;
  group('front "page", all', () => {
    const tags = { odd: 'outcome=ok&vu=9,"x",a=b' };
    const front = http.get(`${__ENV.BASE_URL}/front?ms=20${id}`, { tags });
    check(front, { 'front is 200, "really"\nyes': (answer) => answer.status === 200 });
  });
  group('cart', () => {
    const status = number % 10 === 3 ? 500 : 200;
    const cart = http.get(`${__ENV.BASE_URL}/cart?ms=30&status=${status}${id}`);
    check(cart, { 'cart is 200': (answer) => answer.status === 200 });
  });
}
