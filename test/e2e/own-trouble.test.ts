/**
 * Problems that the generator causes itself, in a real k6: open files, redirects, idle connections, the
 * reserve of VUs.
 */
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { flowLoad, type K6Run, runScenario } from './support-scenarios/run-k6.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';

const stops: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const stub = async (...asked: Parameters<typeof httpStub>) => {
  const gateway = await httpStub(...asked);
  stops.push(gateway.stop);
  return gateway;
};
const load = (url: string, flow: ReturnType<typeof flowLoad>, options = {}): Promise<K6Run> =>
  runScenario('gateway-intentions', [flow], { GAUNTLET_ADDRESS_GATEWAY: url, GAUNTLET_RUN_ID: 'r' }, options);

describe('connections', () => {
  it('are kept by the few VUs that are needed, though a server closes idle ones and a stall needs many', async () => {
    const flow = { ...flowLoad('gateway.intentions', 40, 220, 5000), standsBy: true };
    let stalled = 0;
    const stall = (index: number): number => {
      if (index < 120 || index >= 200) return 5;
      stalled += 1;
      return Math.max(5, 2000 - stalled * 25);
    };
    const gateway = await stub((index) => ({ status: 200, body: processed, afterMs: stall(index) }), 2500);
    const run = await load(gateway.url, flow, { durationMs: 7000 });
    expect(Object.keys(run.outcomes()), run.stderr).toEqual(['ok']);
    expect(run.of('dropped_iterations')).toEqual([]);
    expect(gateway.seen.length).toBeGreaterThan(270);
    // 40 in turns, and one for each arrival of the stall beyond them.
    expect(gateway.connections()).toBeLessThanOrEqual(140);
  });

  it('that the server had closed for idling are named; what it resets while it works, or at once without idling, is its own doing', async () => {
    for (const [rate, resetAfterMs, expected] of [
      [2, 0, 'stale-connection'],
      [2, 40, 'reset'],
      [20, 0, 'reset'],
    ] as const) {
      const door = createServer((socket) => {
        let requests = 0;
        socket
          .on('error', () => undefined)
          .on('data', () => {
            requests += 1;
            if (requests > 1 && resetAfterMs === 0) socket.resetAndDestroy();
            else if (requests > 1) setTimeout(() => socket.resetAndDestroy(), resetAfterMs);
            else {
              const body = JSON.stringify(processed);
              socket.write(
                `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
              );
            }
          });
      });
      await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
      stops.push(() => void door.close());
      const { port } = door.address() as { port: number };
      const run = await load(`http://127.0.0.1:${port}`, flowLoad('gateway.intentions', rate, 4), {
        durationMs: 4200,
      });
      const outcomes = Object.keys(run.outcomes());
      expect(outcomes, `${rate}/s, reset after ${resetAfterMs} ms`).toContain(expected);
      // A busy machine may take longer than a round trip to notice, and nothing is proven then: a reset. Never the other way round.
      if (expected === 'reset') expect(outcomes).not.toContain('stale-connection');
    }
  });
});

describe('requests that die on this machine', () => {
  it('have the error of the operating system as their outcome: k6 without a file to open', async () => {
    const gateway = await stub(() => ({ status: 200, body: processed, afterMs: 900 }));
    const run = await load(gateway.url, flowLoad('gateway.intentions', 60, 120), { openFiles: 40 });
    expect(Object.keys(run.outcomes()).sort(), run.stderr).toEqual(['errno-24', 'ok']);
  });

  it('are distinguished from answers: a token that no header can hold', async () => {
    const gateway = await stub(() => ({ status: 200, body: processed }));
    const run = await runScenario('gateway-intentions', [flowLoad('gateway.intentions', 20, 20)], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
      GAUNTLET_TOKEN: 'a\nb',
    });
    expect(Object.keys(run.outcomes()), run.stderr).toEqual(['invalid-header']);
  });
});

describe('redirects', () => {
  const redirecting = () =>
    stub((_index, { path }) =>
      path.startsWith('/v2')
        ? { status: 200, body: processed, afterMs: 20 }
        : { status: 307, body: '', afterMs: 100, location: `/v2${path}` },
    );

  it('have their own outcome, and no client asks the other address', async () => {
    const gateway = await redirecting();
    const run = await load(gateway.url, flowLoad('gateway.intentions', 20, 20));
    expect(Object.keys(run.outcomes())).toEqual(['http-307']);
    expect(gateway.seen.filter((one) => one.path.startsWith('/v2'))).toEqual([]);
  });

  it('are followed where that is wanted, and then timed whole, from the first byte sent to the last answer', async () => {
    const gateway = await redirecting();
    const run = await load(gateway.url, flowLoad('gateway.intentions', 20, 20), { redirects: 2 });
    expect(Object.keys(run.outcomes())).toEqual(['ok']);
    expect(Math.min(...run.of('gauntlet_service_ms').map((one) => one.value))).toBeGreaterThanOrEqual(118);
  });
});
