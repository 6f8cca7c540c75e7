import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { type Line, ServerWord } from '../../../src/protocols/line/line.ts';
import { ConnectionProbe } from '../../../src/targets/probes/connection-probe.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

/** A dependency that answers when the test says so. */
class Dependency {
  dialled = 0;
  open = 0;
  up = true;
  #pending: { resolve(): void; reject(error: Error): void }[] = [];
  #lines: { closed: boolean }[] = [];

  readonly dialler = {
    dial: async (): Promise<Line> => {
      if (!this.up) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      this.dialled += 1;
      this.open += 1;
      const line = {
        closed: false,
        ask: () =>
          new Promise<void>((resolve, reject) => {
            this.#pending.push({ resolve, reject });
          }),
        close: () => {
          if (!line.closed) this.open -= 1;
          line.closed = true;
        },
      };
      this.#lines.push(line);
      return line;
    },
  };

  get asked(): number {
    return this.#pending.length;
  }

  answer(error?: Error): void {
    const pending = this.#pending.shift();
    if (error) pending?.reject(error);
    else pending?.resolve();
  }

  /** The other end closes every connection, and requests under way fail. */
  hangUp(): void {
    for (const line of this.#lines) {
      if (!line.closed) this.open -= 1;
      line.closed = true;
    }
    for (const one of this.#pending.splice(0)) one.reject(new Error('connection closed'));
  }
}

describe('the held connection of a probe', () => {
  const deadline = ms(400);
  let clock: VirtualClock;
  let server: Dependency;
  let probe: ConnectionProbe;
  beforeEach(() => {
    clock = new VirtualClock(0);
    server = new Dependency();
    probe = new ConnectionProbe('redis', server.dialler, clock);
  });

  /** One sample whose answer comes after `afterMs`. */
  async function answered(afterMs: number, error?: Error) {
    const sample = probe.send('held', deadline);
    await clock.advance(afterMs);
    server.answer(error);
    return await sample;
  }

  it('is made once and asked again and again', async () => {
    expect(await answered(5)).toEqual({
      probe: 'redis',
      connection: 'held',
      at: 0,
      tookMs: 5,
      ok: true,
      outcome: 'ok',
    });
    expect(await answered(7)).toMatchObject({ at: 5, tookMs: 7, outcome: 'ok' });
    expect([server.dialled, server.open]).toEqual([1, 1]);
  });

  it('stalls at the deadline, and keeps the one request under way', async () => {
    const first = probe.send('held', deadline);
    await clock.advance(400);
    expect(await first).toMatchObject({ at: 0, tookMs: 400, ok: false, outcome: 'stalled' });
    const second = probe.send('held', deadline);
    await clock.advance(100);
    expect(await second).toMatchObject({ at: 400, tookMs: 100, ok: false, outcome: 'stalled' });
    expect([server.asked, server.dialled]).toEqual([1, 1]);
  });

  it('never makes a late answer look fast: it ends the stall, and a new request is timed', async () => {
    const stalled = probe.send('held', deadline);
    await clock.advance(400);
    await stalled;
    const sample = probe.send('held', deadline);
    await clock.advance(60);
    server.answer();
    await clock.advance(30);
    expect(server.asked).toBe(1);
    server.answer();
    expect(await sample).toMatchObject({ at: 460, tookMs: 30, outcome: 'ok' });
    expect(server.dialled).toBe(1);
  });

  it('is reset when the other end closes it under a request, also under an overdue one', async () => {
    const sample = probe.send('held', deadline);
    await clock.advance(10);
    server.hangUp();
    expect(await sample).toMatchObject({ tookMs: 10, ok: false, outcome: 'reset' });
    const stalled = probe.send('held', deadline);
    await clock.advance(400);
    expect((await stalled).outcome).toBe('stalled');
    const late = probe.send('held', deadline);
    await clock.advance(20);
    server.hangUp();
    expect(await late).toMatchObject({ tookMs: 20, outcome: 'reset' });
  });

  it('is reset when it was closed between two requests, and the next answer says that it is a new one', async () => {
    await answered(1);
    server.hangUp();
    expect(await probe.send('held', deadline)).toMatchObject({ ok: false, outcome: 'reset', tookMs: 0 });
    server.up = false;
    expect(await probe.send('held', deadline)).toMatchObject({ ok: false, outcome: 'refused' });
    server.up = true;
    expect(await answered(1)).toMatchObject({ ok: true, outcome: 'ok, renewed' });
    expect(await answered(1)).toMatchObject({ ok: true, outcome: 'ok' });
    expect(server.dialled).toBe(2);
  });

  it('stays when the server itself says no, in its own words', async () => {
    expect(await answered(3, new ServerWord('http-503'))).toMatchObject({ ok: false, outcome: 'http-503' });
    expect(await answered(3)).toMatchObject({ ok: true, outcome: 'ok' });
    expect(server.dialled).toBe(1);
  });

  it('leaves nothing open when the probe is closed, also a request that was under way', async () => {
    const sample = probe.send('held', deadline);
    await clock.advance(1);
    probe.close();
    await clock.advance(400);
    await sample;
    expect(server.open).toBe(0);
  });
});

describe('the fresh connection of a probe', () => {
  it('is a new one each time, and is closed after its answer or its deadline', async () => {
    const clock = new VirtualClock(0);
    const server = new Dependency();
    const probe = new ConnectionProbe('redis', server.dialler, clock);
    const first = probe.send('fresh', ms(400));
    await clock.advance(4);
    server.answer();
    expect(await first).toMatchObject({ connection: 'fresh', tookMs: 4, outcome: 'ok' });
    const second = probe.send('fresh', ms(400));
    await clock.advance(400);
    expect(await second).toMatchObject({ at: 4, tookMs: 400, outcome: 'stalled' });
    expect([server.dialled, server.open]).toEqual([2, 0]);
  });
});
