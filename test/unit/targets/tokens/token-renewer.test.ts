/** A token on a virtual clock: renewed in time, by one request at a time, and never handed out when it has expired. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { type Grant, TokenRefusal } from '../../../../src/targets/tokens/client-credentials.ts';
import { TokenRenewer } from '../../../../src/targets/tokens/token-renewer.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** An endpoint that is down in some windows, and whose tokens say when they expire. */
class Endpoint {
  readonly clock = new VirtualClock(0);
  asked: number[] = [];
  atOnce = 0;
  most = 0;
  down: readonly Window[] = [];
  refusal: Error = new Error('nothing listens at its address (ECONNREFUSED)');
  readonly lifetimeMs: number;
  readonly latencyMs: number;

  constructor(lifetimeMs: number, latencyMs = 0) {
    this.lifetimeMs = lifetimeMs;
    this.latencyMs = latencyMs;
  }

  readonly ask = async (signal: AbortSignal): Promise<Grant> => {
    this.asked.push(this.clock.now());
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    try {
      const madeAt = this.clock.now();
      if (this.latencyMs > 0) await this.clock.sleep(ms(this.latencyMs), signal);
      if (this.down.some((one) => madeAt >= one.fromMs && madeAt < one.toMs)) throw this.refusal;
      return { token: `until-${madeAt + this.lifetimeMs}`, lifetimeMs: ms(this.lifetimeMs) };
    } finally {
      this.atOnce -= 1;
    }
  };

  async open(): Promise<TokenRenewer> {
    const opening = TokenRenewer.open(this, new AbortController().signal);
    opening.catch(() => undefined);
    await this.clock.advance(this.latencyMs + 5000);
    return opening;
  }
}

const expiryOf = (token: string): number => Number(token.replace('until-', ''));
const messages = () => {
  const said: string[] = [];
  return {
    said,
    trouble: (why: string, leftMs: number) => void said.push(`trouble, ${leftMs} ms left: ${why}`),
    expired: (why: string) => void said.push(`expired: ${why}`),
  };
};

describe('a token', () => {
  it('is renewed after 70 % of its life, again and again', async () => {
    const endpoint = new Endpoint(100_000);
    const renewer = await endpoint.open();
    await endpoint.clock.advance(300_000);
    expect(endpoint.asked).toEqual([0, 70_000, 140_000, 210_000, 280_000]);
    expect(renewer.current()).toBe('until-380000');
    renewer.close();
    await endpoint.clock.advance(300_000);
    expect(endpoint.asked.length).toBe(5);
  });

  it('tells a virtual user to ask again shortly after the renewal, and soon while it is overdue', async () => {
    const endpoint = new Endpoint(100_000);
    const renewer = await endpoint.open();
    endpoint.down = [{ fromMs: 60_000, toMs: 90_000 }];
    expect(renewer.held()).toEqual({ token: 'until-100000', askAgainAt: 70_500, goodUntil: 99_000 });
    await endpoint.clock.advance(75_000);
    expect(renewer.held()).toEqual({ token: 'until-100000', askAgainAt: 81_000, goodUntil: 99_000 });
    await endpoint.clock.advance(15_000);
    expect(renewer.current()).not.toBe('until-100000');
    renewer.close();
  });

  it('outlives an endpoint that is down for less than its life, with one word about it', async () => {
    const endpoint = new Endpoint(100_000);
    const renewer = await endpoint.open();
    const heard = messages();
    renewer.listen(heard);
    endpoint.down = [{ fromMs: 65_000, toMs: 95_000 }];
    await endpoint.clock.advance(200_000);
    expect(heard.said).toEqual(['trouble, 29000 ms left: nothing listens at its address (ECONNREFUSED)']);
    renewer.close();
  });

  it('is asked for ever sooner as its end comes near: an endpoint that is back just before it is enough', async () => {
    const endpoint = new Endpoint(20_000);
    const renewer = await endpoint.open();
    endpoint.down = [{ fromMs: 10_000, toMs: 18_500 }];
    await endpoint.clock.advance(14_000);
    // Each wait is twice the one before, and a quarter of what is left at most.
    expect(endpoint.asked.slice(1, 7)).toEqual([14_000, 14_250, 14_750, 15_750, 16_562.5, 17_171.875]);
    expect(renewer.current()).toBe(`until-${18_728.759765625 + 20_000}`);
    renewer.close();
  });

  it('that nobody could renew is not handed out any more, and its end is told once, with the last reason', async () => {
    const endpoint = new Endpoint(20_000);
    const renewer = await endpoint.open();
    const heard = messages();
    renewer.listen(heard);
    endpoint.down = [{ fromMs: 10_000, toMs: 60_000 }];
    endpoint.refusal = new TokenRefusal('HTTP 401: invalid_client', { mayPass: false });
    await endpoint.clock.advance(13_999);
    expect(renewer.current()).toBe('until-20000');
    await endpoint.clock.advance(2);
    expect([renewer.current(), renewer.held()]).toEqual([undefined, undefined]);
    expect(heard.said).toEqual([
      'trouble, 5000 ms left: HTTP 401: invalid_client',
      'expired: HTTP 401: invalid_client',
    ]);
    await endpoint.clock.advance(60_000);
    expect(heard.said.length).toBe(2);
    const late = messages();
    renewer.listen(late);
    expect(late.said.length).toBe(1);
    renewer.close();
  });

  it('is asked for three times at first, and once where another answer cannot be expected', async () => {
    const down = new Endpoint(20_000);
    down.down = [{ fromMs: 0, toMs: 100_000 }];
    await expect(down.open()).rejects.toThrow('nothing listens at its address (ECONNREFUSED)');
    expect(down.asked).toEqual([0, 500, 1500]);
    down.asked = [];
    down.refusal = new TokenRefusal('HTTP 401: invalid_client', { mayPass: false });
    await expect(down.open()).rejects.toThrow('HTTP 401: invalid_client');
    expect(down.asked.length).toBe(1);
  });

  it('is never handed out expired; nor missing where the endpoint was up in its last second', async () => {
    const windows = fc.array(fc.tuple(fc.integer({ max: 200_000 }), fc.integer({ min: 1, max: 40_000 })), {
      maxLength: 8,
    });
    const lifetimes = fc.integer({ min: 5000, max: 60_000 });
    await fc.assert(
      fc.asyncProperty(lifetimes, fc.integer({ min: 0, max: 100 }), windows, async (life, latency, raw) => {
        const endpoint = new Endpoint(life, latency);
        const renewer = await endpoint.open();
        endpoint.down = raw.map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));
        let lostAt: number | undefined;
        const expired = (): void => {
          lostAt = endpoint.clock.now();
        };
        renewer.listen({ trouble: () => undefined, expired });
        for (let step = 0; step < 400 && lostAt === undefined; step += 1) {
          await endpoint.clock.advance(500);
          const now = endpoint.clock.now();
          const held = renewer.held();
          if (held === undefined) continue;
          expect(expiryOf(held.token)).toBeGreaterThan(now);
          expect(held.askAgainAt).toBeGreaterThan(now);
          expect(held.askAgainAt).toBeLessThanOrEqual(held.goodUntil);
        }
        expect(endpoint.most).toBe(1);
        if (lostAt !== undefined) {
          const end = lostAt;
          const wasUp = !endpoint.down.some((one) => one.fromMs < end && one.toMs > end - 1000);
          expect(wasUp, `lost at ${end} though the endpoint was up`).toBe(false);
        }
        renewer.close();
      }),
      { numRuns: 60, examples: [[40_501, 0, [[0, 39_264]]]] },
    );
  });
});
