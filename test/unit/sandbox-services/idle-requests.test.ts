import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { letIdleConnectionsSleep } from '../../../systems/neural-hive-mind/stand-ins/src/hive/idle-requests.ts';

interface Entry {
  readonly correlationId: number;
  readonly apiName: string;
}
interface RequestQueue {
  readonly pending: readonly unknown[];
  push(request: { entry: Entry; expectResponse: boolean; sendRequest: () => void }): void;
  fulfillRequest(answer: { correlationId: number; payload: unknown; size: number }): void;
  maybeThrottle(ms: number): void;
}

/** The queue of one connection, as kafkajs makes it. */
function queue(maxInFlightRequests: number | null): RequestQueue {
  const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
    options: Readonly<Record<string, unknown>>,
  ) => RequestQueue;
  const logger = { namespace: () => logger, debug: () => undefined, error: () => undefined };
  const isConnected = (): boolean => true;
  const options = {
    clientId: 'hive',
    broker: 'b:1',
    logger,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
  };
  return new Queue({ ...options, maxInFlightRequests, isConnected });
}

const sent: number[] = [];
const push = (to: RequestQueue, correlationId: number): void =>
  to.push({
    // The part of an entry that the socket request needs: its callbacks.
    entry: { correlationId, apiName: 'Fetch', resolve: () => undefined, reject: () => undefined } as Entry,
    expectResponse: true,
    sendRequest: () => void sent.push(correlationId),
  });

beforeEach(() => {
  vi.useFakeTimers();
  letIdleConnectionsSleep();
  letIdleConnectionsSleep();
  sent.length = 0;
});
afterEach(() => void vi.useRealTimers());

describe('a connection of kafkajs', () => {
  it('sleeps when no request waits, also after it has been used', () => {
    const one = queue(null);
    push(one, 1);
    one.fulfillRequest({ correlationId: 1, payload: {}, size: 1 });
    expect(sent).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends what waited behind a throttle when the throttle ends, and then sleeps', () => {
    const one = queue(null);
    one.maybeThrottle(300);
    push(one, 1);
    vi.advanceTimersByTime(299);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(sent).toEqual([1]);
    expect(one.pending).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends what waited for others in flight when one of them is answered', () => {
    const one = queue(1);
    push(one, 1);
    push(one, 2);
    expect(sent).toEqual([1]);
    one.fulfillRequest({ correlationId: 1, payload: {}, size: 1 });
    expect(sent).toEqual([1, 2]);
  });
});
