import { describe, expect, it } from 'vitest';
import { liftQuarantine } from '../../../../src/measure/quarantine/lift.ts';
import { mayLeave } from '../../../../src/measure/quarantine/passes.ts';
import { entry, night, nights, timeOf, UNIT } from './nights.ts';

/** Since the 10th: so many nights of these letters. */
const since = (letters: string) => nights(`pFpppppppp`.slice(0, 9) + letters);

describe('the way out of quarantine', () => {
  it('needs 7 passes in a row since the entry, and keeps their nights', () => {
    const lifted = liftQuarantine(UNIT, since('ppppppp'), [entry()], timeOf(17)).lifted;
    expect(lifted?.at).toBe('2026-11-17T02:00:00.000Z');
    expect(lifted?.passes).toHaveLength(7);
    expect(lifted?.passes[0]).toContain('2026-11-10');
  });

  it('is closed with fewer, whatever passed before the entry', () => {
    expect(() => liftQuarantine(UNIT, since('pppppp'), [entry()], timeOf(16))).toThrow(
      /expected 7 passes in a row since 2026-11-10, got 6: 2026-11-10T02-00-00-shop-aaaa, .*It expires on 2026-11-20\./,
    );
    expect(() => liftQuarantine(UNIT, since('ppppFppppp'), [entry()], timeOf(20))).toThrow(/got 5:/);
  });

  it('does not count nights without an answer, neither for nor against', () => {
    expect(() => liftQuarantine(UNIT, since('pppRppp'), [entry()], timeOf(17))).toThrow(/got 6:/);
    expect(liftQuarantine(UNIT, since('pppRpppIp'), [entry()], timeOf(19)).lifted?.passes).toHaveLength(7);
  });

  it('is open at once to a fault that the campaign no longer has', () => {
    const past = [...since('FF'), night(12, { faults: ['partition-kafka'] })];
    expect(liftQuarantine(UNIT, past, [entry()], timeOf(12)).lifted?.passes).toEqual([]);
  });

  it('names the entries where there is no such one', () => {
    expect(() => liftQuarantine({ ...UNIT, sli: 'held' }, [], [entry()], timeOf(12))).toThrow(
      'quarantine of kill-pod × held: expected one of kill-pod × checkout failed, got no such entry.',
    );
    const lifted = { at: timeOf(11).toISOString(), passes: [] };
    expect(() => liftQuarantine(UNIT, [], [entry({ lifted })], timeOf(12))).toThrow(/there is none/);
  });

  it('is told when it is open', () => {
    expect(mayLeave([entry()], since('ppppppp'))).toEqual([
      'kill-pod × checkout failed may leave quarantine: 7 passes in a row since 2026-11-10 (owner team-shop). ' +
        'Lift it with gauntlet history quarantine and --lift.',
    ]);
    expect(mayLeave([entry()], since('pppppp'))).toEqual([]);
  });
});
