import { describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { Leases } from '../../../src/system/leases.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

/** @param failures so often the end fails before it works. */
function rig(failures = 0) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const leases = new Leases<string>(clock, stop.signal);
  const ends: number[] = [];
  const end = async (): Promise<void> => {
    ends.push(clock.now() - began);
    if (ends.length <= failures) throw new Error('still busy');
    leases.release('a');
  };
  const began = clock.now();
  leases.hold('a', 'held', 1000, end);
  return { clock, stop, leases, ends };
}

describe('what is held under a lease', () => {
  it('is ended when its time has passed and nobody renewed it', async () => {
    const { clock, leases, ends } = rig();
    await clock.advance(999);
    expect([leases.get('a'), leases.all(), ends]).toEqual(['held', ['held'], []]);
    await clock.advance(1);
    expect([leases.get('a'), leases.all(), ends]).toEqual([undefined, [], [1000]]);
  });

  it('lasts from its renewal on, and cannot be renewed once it has expired', async () => {
    const { clock, leases, ends } = rig(1);
    await clock.advance(900);
    expect(leases.renew('a', ms(1000))).toBe('held');
    await clock.advance(999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual([1900]);
    // Its end has failed: it is still there, and in force no more.
    expect([leases.get('a'), leases.renew('a', ms(1000))]).toEqual(['held', undefined]);
  });

  it('is not renewed when it is not in place any more, or was never there', () => {
    const { leases } = rig();
    expect(leases.renew('a', ms(5000), () => false)).toBeUndefined();
    expect(leases.renew('b', ms(5000))).toBeUndefined();
  });

  it('is ended again each second until that works', async () => {
    const { clock, leases, ends } = rig(2);
    await clock.advance(3000);
    expect([ends, leases.get('a')]).toEqual([[1000, 2000, 3000], undefined]);
  });

  it('is left alone once somebody has released it, also when the same name is held anew', async () => {
    const { clock, leases, ends } = rig();
    leases.release('a');
    leases.hold('a', 'anew', 5000, async () => leases.release('a'));
    await clock.advance(1000);
    expect([ends, leases.get('a')]).toEqual([[], 'anew']);
    await clock.advance(4000);
    expect(leases.get('a')).toBeUndefined();
  });

  it('is not ended here any more when the supervisor stops', async () => {
    const { clock, stop, leases, ends } = rig();
    stop.abort(new Error('down'));
    await clock.advance(5000);
    expect([ends, leases.get('a')]).toEqual([[], 'held']);
  });
});
