/** An HTTP server of known behaviour in a thread of its own, so that its timing does not depend on the test's. */
import { Worker } from 'node:worker_threads';

export interface ServerBehaviour {
  /** Answers take at least this long, in ms; 0 answers at once. */
  readonly serviceMs: number;
  /** Every `everyMs` nothing is answered for `forMs`; the first stall begins `everyMs - forMs` after the first request. */
  readonly stall?: { readonly everyMs: number; readonly forMs: number };
  /** Every n-th answer is a 500. */
  readonly failEvery?: number;
}

export interface TestServer {
  readonly url: string;
  requests(): Promise<number>;
  stop(): Promise<void>;
}

const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
const { createServer } = require('node:http');
const { serviceMs, stall, failEvery } = workerData;
let count = 0;
let first;
const server = createServer((request, response) => {
  count += 1;
  const now = performance.now();
  first ??= now;
  let wait = serviceMs;
  if (stall) {
    const phase = (now - first) % stall.everyMs;
    const begins = stall.everyMs - stall.forMs;
    if (phase >= begins) wait += stall.everyMs - phase;
  }
  response.statusCode = failEvery && count % failEvery === 0 ? 500 : 200;
  if (wait === 0) response.end('ok');
  else setTimeout(() => response.end('ok'), wait);
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
parentPort.on('message', () => parentPort.postMessage({ count }));
`;

export async function startServer(behaviour: ServerBehaviour): Promise<TestServer> {
  const worker = new Worker(CODE, { eval: true, workerData: behaviour });
  const ask = <T>(): Promise<T> => new Promise((resolve) => worker.once('message', resolve));
  const { port } = await ask<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}/`,
    requests: async () => {
      const answer = ask<{ count: number }>();
      worker.postMessage('count');
      return (await answer).count;
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}
