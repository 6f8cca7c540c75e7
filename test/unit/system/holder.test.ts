import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Fate,
  fateOf,
  type Holder,
  type HolderPlace,
  type HostView,
  thisHolder,
} from '../../../src/system/holder.ts';

const SINCE = '2026-11-29T12:00:00.000Z';
const BOOTED = Date.parse(SINCE);
/** Few values, so that places are often the same; empty = could not be read. */
const few = fc.constantFrom('', 'a', 'b');
const place: fc.Arbitrary<HolderPlace> = fc.record({
  boot: few,
  pidNamespace: few,
  timeNamespace: few,
  machine: few,
  host: few,
});
const holder: fc.Arbitrary<Holder> = fc
  .tuple(place, fc.integer({ min: 1, max: 5 }))
  .map(([where, pid]) => ({ ...where, pid, startTicks: '7', since: SINCE }));
const view: fc.Arbitrary<HostView> = fc
  .record({
    place,
    fate: fc.constantFrom<Fate>('alive', 'dead', 'unseen'),
    bootedAtMs: fc.constantFrom(undefined, BOOTED - 1, BOOTED, BOOTED + 1),
    local: fc.boolean(),
  })
  .map(({ fate, local, ...rest }) => ({ ...rest, process: () => fate, isLocal: () => local }));

describe('whether a holder lives', () => {
  it('is dead only when its pid was looked at in its own place, or when this machine has booted since', () => {
    fc.assert(
      fc.property(holder, view, (one, here) => {
        if (fateOf(one, '/f', here) !== 'dead') return;
        const at = here.place;
        expect(one.boot).not.toBe('');
        if (one.boot === at.boot) {
          expect([one.pidNamespace, one.timeNamespace]).toEqual([at.pidNamespace, at.timeNamespace]);
          expect([at.pidNamespace !== '', here.process(one.pid, one.startTicks)]).toEqual([true, 'dead']);
        } else {
          expect([at.machine !== '' && one.machine === at.machine, here.isLocal('/f')]).toEqual([true, true]);
          expect(here.bootedAtMs).toBe(BOOTED + 1);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('is alive only when its pid was looked at in its own place', () => {
    fc.assert(
      fc.property(holder, view, (one, here) => {
        if (fateOf(one, '/f', here) !== 'alive') return;
        const { boot, pidNamespace, timeNamespace } = here.place;
        expect(one).toMatchObject({ boot, pidNamespace, timeNamespace });
      }),
      { numRuns: 2000 },
    );
  });

  it('is known of this process, and of one whose pid nobody has', () => {
    const me = thisHolder();
    expect(fateOf(me, '/f')).toBe('alive');
    expect(fateOf({ ...me, pid: 2 ** 22 + 1 }, '/f')).toBe('dead');
    expect(fateOf({ ...me, startTicks: '1' }, '/f')).toBe('dead');
  });

  it('is not known of what is no holder', () => {
    const me = thisHolder();
    const odd = [undefined, null, 7, 'x', [], {}, { ...me, pid: 0 }, { ...me, pid: -1 }, { ...me, pid: '1' }];
    for (const one of [...odd, { ...me, boot: undefined }, { ...me, pid: 1.5 }, { ...me, since: 7 }]) {
      expect(fateOf(one, '/f')).toBe('unseen');
    }
  });
});
