import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmClock } from '../../../packages/link-proxy/src/alarm-clock.ts';
import { Impairments } from '../../../packages/link-proxy/src/impairments.ts';
import { Link } from '../../../packages/link-proxy/src/link.ts';

const clock = new AlarmClock();
const link = (name: string): Link =>
  new Link({ name, from: 'a', to: 'b', listen: { host: '127.0.0.1', port: 0 }, upstreams: [] }, clock);
const CUT = { kind: 'cut' } as const;

describe('the leases of impairments', () => {
  const links = new Map([link('one'), link('two')].map((each) => [each.config.name, each]));
  const impairedBy = (): unknown => [...links.values()].map((each) => each.state().impairedBy);
  let impairments: Impairments;

  beforeEach(() => {
    vi.useFakeTimers();
    impairments = new Impairments(links);
  });
  afterEach(() => {
    vi.advanceTimersByTime(100_000_000);
    vi.useRealTimers();
  });

  it('end by themselves when nobody renews them', () => {
    impairments.put({ id: 'f1', links: ['one', 'two'], effect: CUT, ttlMs: 3000 });
    vi.advanceTimersByTime(2999);
    expect(impairedBy()).toEqual([['f1'], ['f1']]);
    vi.advanceTimersByTime(1);
    expect(impairedBy()).toEqual([[], []]);
  });

  it('last from the renewal on when they are renewed', () => {
    impairments.put({ id: 'f1', links: ['one'], effect: CUT, ttlMs: 3000 });
    vi.advanceTimersByTime(2000);
    expect(impairments.renew('f1', 3000)).toBe(true);
    vi.advanceTimersByTime(2999);
    expect(impairedBy()).toEqual([['f1'], []]);
    vi.advanceTimersByTime(1);
    expect(impairedBy()).toEqual([[], []]);
    expect(impairments.renew('f1', 3000)).toBe(false);
    expect(impairedBy()).toEqual([[], []]);
  });

  it('are kept apart: one heals, the other stays', () => {
    impairments.put({ id: 'f1', links: ['one'], effect: CUT, ttlMs: 3000 });
    impairments.put({ id: 'f2', links: ['one', 'two'], effect: CUT, ttlMs: 3000 });
    expect(impairedBy()).toEqual([['f1', 'f2'], ['f2']]);
    expect([impairments.heal('f1'), impairments.heal('f1')]).toEqual([true, false]);
    expect(impairedBy()).toEqual([['f2'], ['f2']]);
  });

  it('are replaced as a whole by the same id: links, and the timer of the first put no longer counts', () => {
    impairments.put({ id: 'f1', links: ['one'], effect: CUT, ttlMs: 1000 });
    impairments.put({ id: 'f1', links: ['two'], effect: CUT, ttlMs: 5000 });
    vi.advanceTimersByTime(4999);
    expect(impairedBy()).toEqual([[], ['f1']]);
    vi.advanceTimersByTime(1);
    expect(impairedBy()).toEqual([[], []]);
  });
});
