/** The copy of a renewed token in a virtual user: when it asks for another one, and what it does without one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { asked, door, outcomes, place } = vi.hoisted(() => ({
  asked: [] as number[],
  door: { status: 200, body: '{}' },
  outcomes: [] as (string | undefined)[],
  place: {
    scenario: { name: 'shop', iterationInInstance: 0 },
    vu: { idInTest: 1, idInInstance: 1, iterationInScenario: 0 },
    instance: { currentTestRunDuration: 0, vusInitialized: 1, vusActive: 1 },
  },
}));
vi.mock('k6', () => ({ sleep: () => undefined }));
vi.mock('k6/http', () => ({
  default: {
    get(url: string) {
      expect(url).toBe('http://127.0.0.1:7/secret');
      asked.push(Date.now());
      return door;
    },
  },
}));
vi.mock('k6/metrics', () => ({
  Counter: function Counter() {
    return { add: () => undefined };
  },
  Trend: function Trend(name: string) {
    return {
      add: (_: number, tags: { readonly outcome?: string } = {}) =>
        name === 'gauntlet_service_ms' ? outcomes.push(tags.outcome) : 0,
    };
  },
}));
vi.mock('k6/execution', () => ({ default: place }));

const FLOW = { flow: 'shop', executor: 'shop', vus: 1, worstStallMs: 5000 };
const TIMINGS = { blocked: 1, connecting: 0, tls_handshaking: 0, sending: 1, waiting: 2, receiving: 1 };

async function library(env: Readonly<Record<string, string>>) {
  vi.resetModules();
  vi.stubGlobal('__ENV', {
    ...{ GAUNTLET_LOAD: 'load', GAUNTLET_RUN_ID: 'r', GAUNTLET_ADDRESS_SHOP: 'a' },
    ...env,
  });
  vi.stubGlobal('__VU', 1);
  const load = { seed: 9, durationMs: 1000, gracefulStopMs: 100, redirects: 0, flows: [FLOW] };
  vi.stubGlobal('open', () => `${JSON.stringify(load)}\n{}`);
  const found = await import('../../../scenarios/gauntlet.ts');
  const flows = { shop: { service: 'shop' } };
  found.defineScenario({ summary: 'a shop', flows, timeLimit: '5s' });
  const sent: (string | undefined)[] = [];
  const arrival = (status = 200) =>
    found.iteration(() => {
      found.measure(() => {
        sent.push(found.token()['Authorization']);
        return { status, error: '', error_code: 0, timings: TIMINGS } as never;
      });
    })();
  return { ...found, arrival, sent };
}
const held = (token: string, askAgainAt: number, goodUntil: number): string =>
  JSON.stringify({ token, askAgainAt, goodUntil });
const renewed = (first: string) =>
  library({ GAUNTLET_TOKEN_URL: 'http://127.0.0.1:7/secret', GAUNTLET_TOKEN_HELD: first });

beforeEach(() => {
  vi.useFakeTimers({ now: 1000, toFake: ['Date'] });
  asked.length = 0;
  outcomes.length = 0;
  Object.assign(door, { status: 200, body: '{}' });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a virtual user', () => {
  it('sends the token that it began with, and asks for the next one between two arrivals', async () => {
    const { arrival, sent } = await renewed(held('first', 2000, 9000));
    arrival();
    expect(asked).toEqual([]);
    door.body = held('second', 6000, 13_000);
    vi.setSystemTime(1999);
    arrival();
    vi.setSystemTime(2000);
    arrival();
    arrival();
    expect([sent, asked]).toEqual([
      ['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second'],
      [2000],
    ]);
  });

  it('goes on with its copy while the harness has no other, and asks at most every 500 ms', async () => {
    const { arrival, sent } = await renewed(held('first', 2000, 9000));
    door.status = 503;
    for (const now of [2000, 2100, 2499, 2500, 2600]) {
      vi.setSystemTime(now);
      arrival();
    }
    expect([new Set(sent), asked, outcomes]).toEqual([
      new Set(['Bearer first']),
      [2000, 2500],
      ['ok', 'ok', 'ok', 'ok', 'ok'],
    ]);
  });

  it('sends nothing with a token that has expired, and says so', async () => {
    const { arrival, sent } = await renewed(held('first', 2000, 2400));
    door.status = 503;
    vi.setSystemTime(2450);
    arrival();
    expect([sent, outcomes]).toEqual([[], ['token-expired']]);
    door.status = 200;
    door.body = held('second', 6000, 13_000);
    vi.setSystemTime(2960);
    arrival();
    expect([sent, outcomes]).toEqual([['Bearer second'], ['token-expired', 'ok']]);
  });

  it('calls a 401 to its own token refused, and any other 401 an answer', async () => {
    const own = await library({ GAUNTLET_TOKEN: 'fixed' });
    own.arrival(401);
    own.arrival(403);
    const none = await library({});
    none.arrival(401);
    expect([own.sent, none.sent, asked]).toEqual([['Bearer fixed', 'Bearer fixed'], [undefined], []]);
    expect(outcomes).toEqual(['token-refused', 'http-403', 'http-401']);
  });

  it('sends it as metadata of a gRPC call, and calls UNAUTHENTICATED refused', async () => {
    const { iteration, measureCall } = await library({ GAUNTLET_TOKEN: 'fixed' });
    const calls: object[] = [];
    const client = {
      connect: () => undefined,
      invoke(_: string, __: object, how: { readonly metadata: object }) {
        calls.push(how.metadata);
        return { status: 16, error: { message: 'no' } };
      },
    };
    iteration(() => measureCall(client as never, 'shop.Shop/Buy', {}))();
    expect([calls, outcomes]).toEqual([[{ authorization: 'Bearer fixed' }], ['token-refused']]);
  });
});
