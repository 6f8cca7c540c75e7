import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuarantineEntry } from '../../../../src/core/quarantine.ts';
import { type VerdictStatus, verdictOf, worst } from '../../../../src/core/verdict.ts';
import { judgeNight } from '../../../../src/measure/quarantine/judge-night.ts';
import { type Back, entry, night, timeOf } from './nights.ts';

const NOW = timeOf(12);
const SLOW = entry({ sli: 'checkout slow', owner: 'team-db', since: timeOf(11).toISOString() });

describe('a night after quarantine', () => {
  it('is as its run was judged while nothing is in quarantine', () => {
    const bad = night(12, { failed: null });
    expect(judgeNight(bad, [], NOW)).toEqual({
      ...{ status: 'FAIL', reasons: bad.reasons, setAside: [], quarantine: [], headline: null },
    });
  });

  it('does not fail by what is in quarantine, and reports it', () => {
    const found = judgeNight(night(12, { failed: null }), [entry()], NOW);
    expect(found.status).toBe('PASS');
    expect(found.reasons.map((one) => one.text)).toEqual([
      'checkout p99 < 500ms in baseline: 39.6 ms',
      'checkout recovered < 60s after kill-pod: PASS without kill-pod × checkout failed (in quarantine)',
    ]);
    expect(found.setAside.map((one) => `${one.status} ${one.text}`)).toEqual([
      'FAIL checkout recovered < 60s after kill-pod: 95.00 s (not back after 95.0 s, when the watch ended)',
      'INCONCLUSIVE kill-pod: not back when the watch ended: checkout failed',
    ]);
    expect(found.headline).toBe('2 of 3 faults judged, 1 in quarantine since 2026-11-10 (team-shop)');
    expect(found.quarantine).toEqual([
      {
        ...{ fault: 'kill-pod', sli: 'checkout failed', owner: 'team-shop' },
        ...{ reason: 'issue 42: slow image pull', since: timeOf(10).toISOString() },
        until: timeOf(20).toISOString(),
      },
    ]);
  });

  it('fails by the other service level of the same flow', () => {
    const found = judgeNight(night(12, { failed: null, slow: null }), [entry()], NOW);
    expect(found.status).toBe('FAIL');
    expect(found.reasons.map((one) => one.text)).toContain(
      'kill-pod: not back when the watch ended: checkout slow',
    );
  });

  it('is undecided where the other service level is', () => {
    // Back at 60.1 s, at most 200 ms earlier: the limit of 60 s is inside.
    const found = judgeNight(night(12, { failed: null, slow: 60.1 }), [entry()], NOW);
    expect(found.status).toBe('INCONCLUSIVE');
  });

  it('judges nothing of a flow whose two levels are in quarantine, and counts the fault once', () => {
    const found = judgeNight(night(12, { failed: null, slow: null }), [entry(), SLOW], NOW);
    expect(found.reasons.map((one) => one.text)).toEqual(['checkout p99 < 500ms in baseline: 39.6 ms']);
    expect(found.headline).toBe(
      '2 of 3 faults judged, 1 in quarantine since 2026-11-10 (team-shop, team-db)',
    );
  });

  it('has no data when nothing is left to judge: a pass is never made of silence', () => {
    const bad = night(12, { failed: null, slow: null });
    const alone = { ...bad, reasons: bad.reasons.filter((one) => one.status !== 'PASS') };
    expect(judgeNight(alone, [entry(), SLOW], NOW)).toMatchObject({
      ...{ status: 'NO-DATA', reasons: [{ status: 'NO-DATA', text: 'nothing was judged' }] },
    });
  });

  it('fails by an entry that has expired, with its owner, even when everything passed', () => {
    const found = judgeNight(night(21), [entry()], timeOf(21));
    expect(found.status).toBe('FAIL');
    expect(found.reasons).toContainEqual({
      status: 'FAIL',
      text: 'quarantine of kill-pod × checkout failed expired on 2026-11-20 (owner team-shop): issue 42: slow image pull',
    });
    expect(found.headline).toBeNull();
    const bad = judgeNight(night(21, { failed: null }), [entry()], timeOf(21));
    expect(bad.setAside).toEqual([]);
    expect(bad.reasons.filter((one) => one.status === 'FAIL')).toHaveLength(2);
  });

  it('ends an expired entry when it is lifted, or entered again', () => {
    const lifted = entry({ lifted: { at: timeOf(21).toISOString(), passes: [] } });
    expect(judgeNight(night(22), [lifted], timeOf(22)).status).toBe('PASS');
    const again = entry({ since: timeOf(21).toISOString(), until: timeOf(30).toISOString() });
    expect(judgeNight(night(22, { failed: null }), [entry(), again], timeOf(22)).status).toBe('PASS');
  });

  it.each(['RESIDUE', 'INVALID', 'NO-DATA'] as const)('stays %s, with every reason', (status) => {
    const bad = night(12, { failed: null, status });
    const found = judgeNight(bad, [entry(), SLOW], NOW);
    expect(found).toMatchObject({ status, setAside: [] });
    expect(found.reasons).toEqual(bad.reasons);
  });

  it('is not touched by entries of another campaign or environment', () => {
    const others = [entry({ campaign: 'other' }), entry({ environment: 'prod' })];
    expect(judgeNight(night(12, { failed: null }), others, NOW).status).toBe('FAIL');
  });

  it('keeps a failure that is of no service level: an abort, a broken flow, a lost objective', () => {
    const more = [{ status: 'FAIL', text: 'aborted: checkout failed > 50% for 5s' }] as const;
    expect(judgeNight(night(12, { failed: null, more }), [entry(), SLOW], NOW).status).toBe('FAIL');
  });

  it('does not take the word of another fault with the same beginning', () => {
    const more = [
      { status: 'INCONCLUSIVE', text: 'kill-pod#2: not back when the watch ended: checkout failed' },
    ] as const;
    expect(judgeNight(night(12, { more }), [entry(), SLOW], NOW).status).toBe('INCONCLUSIVE');
  });
});

const RANK: readonly VerdictStatus[] = ['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE'];
const back = fc.oneof(fc.double({ min: 0.3, max: 94, noNaN: true }), fc.constant<Back>(null));
const status = fc.constantFrom<VerdictStatus | undefined>(undefined, ...RANK);
const entries: fc.Arbitrary<readonly QuarantineEntry[]> = fc.subarray([
  ...[entry(), SLOW, entry({ fault: 'partition-kafka' })],
  entry({ fault: 'throttle-redis', until: timeOf(11).toISOString() }),
]);

describe('no quarantine', () => {
  it('makes a night better than what remains of it without the service levels inside', () => {
    const property = fc.property(back, back, status, entries, (failed, slow, planted, held) => {
      const run = night(12, { failed, slow, ...(planted && { status: planted }) });
      const found = judgeNight(run, held, NOW);
      const inside = (sli: string): boolean =>
        held.some((one) => one.fault === 'kill-pod' && one.sli === sli);
      // What is inside is as if it had recovered at once; what fails outside has to fail still.
      const rest = night(12, {
        failed: inside('checkout failed') ? 0.3 : failed,
        slow: inside('checkout slow') ? 0.3 : slow,
        ...(planted && { status: planted }),
      });
      expect(RANK.indexOf(found.status)).toBeGreaterThanOrEqual(RANK.indexOf(rest.runStatus));
      expect(found.status).toBe(verdictOf(found.reasons).status);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('hides RESIDUE, INVALID or NO-DATA', () => {
    const bad = fc.constantFrom<VerdictStatus>('RESIDUE', 'INVALID', 'NO-DATA');
    const property = fc.property(back, back, bad, entries, (failed, slow, planted, held) => {
      const run = night(12, { failed, slow, status: planted });
      expect(judgeNight(run, held, NOW).status).toBe(run.runStatus);
      expect(judgeNight(run, held, NOW).reasons).toEqual(expect.arrayContaining([...run.reasons]));
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('that has expired lets a night pass', () => {
    const property = fc.property(back, back, status, (failed, slow, planted) => {
      const run = night(21, { failed, slow, ...(planted && { status: planted }) });
      expect(judgeNight(run, [entry()], timeOf(21)).status).toBe(worst([run.runStatus, 'FAIL']));
    });
    fc.assert(property, { numRuns: 200 });
  });
});
