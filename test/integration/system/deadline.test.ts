/** Deadlines of requests on Node itself: its collector is what a signal has to outlive. */
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { ask } from '../../../src/system/http/ask.ts';
import { deadlineOf } from '../../../src/system/http/deadline.ts';
import { sendOnce } from '../../../src/system/http/send-once.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let silent: Server;
let url = '';
beforeAll(async () => {
  silent = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => void silent.close());

/** What it ends with, while all that nothing holds is collected. */
async function collectedDuring(asking: Promise<unknown>): Promise<string> {
  let end: string | undefined;
  void asking.then(
    () => (end = 'an answer'),
    (error: Error) => (end = error.message),
  );
  for (let turn = 0; turn < 400 && end === undefined; turn += 1) {
    collect();
    await sleep(10);
  }
  return end ?? 'no end';
}

describe('a server that says nothing is left at the deadline, whatever is collected meanwhile', () => {
  const { signal } = new AbortController();
  const timeoutMs = ms(100);

  it('by a request that is sent once', async () => {
    const once = { method: 'GET', headers: {}, mostBytes: 1024, timeoutMs, signal } as const;
    expect(await collectedDuring(sendOnce(url, once))).toBe('no answer within 0.1 s');
  });

  it('by one that may be repeated', async () => {
    const request = { method: 'GET', url, headers: {}, repeatable: false } as const;
    const asked = ask(request, { clock: monotonicClock, signal, timeoutMs });
    expect(await collectedDuring(asked)).toBe('no answer within 0.1 s');
  });
});

describe('a deadline', () => {
  it('passes on why its request is given up', () => {
    const over = new AbortController();
    const deadline = deadlineOf(over.signal, 1000);
    over.abort(new Error('SIGINT'));
    expect(deadline.signal.reason).toEqual(new Error('SIGINT'));
    deadline.clear();
    expect(deadlineOf(over.signal, 1000).signal.aborted).toBe(true);
  });
});
