// Unary calls on one connection for each VU; some are refused by the server.

import exec from 'k6/execution';
import grpc from 'k6/net/grpc';

const client = new grpc.Client();
client.load(['.'], 'greeter.proto');

export const options = {
  scenarios: {
    greet: {
      executor: 'constant-arrival-rate',
      rate: 25,
      timeUnit: '1s',
      duration: '5s',
      preAllocatedVUs: 20,
    },
  },
};

let isConnected = false;
export default function () {
  if (!isConnected) client.connect(__ENV.GREETER, { plaintext: true });
  isConnected = true;
  const number = exec.scenario.iterationInTest;
  const code = number % 25 === 7 ? 9 : 0;
  client.invoke('gauntlet.test.Greeter/Greet', { id: String(number), delay_ms: 40, code });
}
