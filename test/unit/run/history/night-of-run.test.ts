import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Night } from '../../../../src/core/night.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { decodeCounts } from '../../../../src/measure/hlog.ts';
import { campaignHashOf } from '../../../../src/run/history/campaign-hash.ts';
import { environmentKey } from '../../../../src/run/history/environment-key.ts';
import { nightIdOf } from '../../../../src/run/history/night-id.ts';
import { nightOfRun } from '../../../../src/run/history/night-of-run.ts';
import { assembleRun } from '../../../../src/run/verdict/assemble.ts';
import { smallPlan, writeSmallRun } from '../evidence/small-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-night-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run folder as a night', () => {
  let night: Night;
  beforeAll(() => {
    const words = { environment: { cluster: 'blue', nodes: '3' }, subject: { orders: 'sha256:12ab' } };
    writeSmallRun(join(folder, 'a'), true, words);
    night = nightOfRun(join(folder, 'a'));
  });

  it('has the words of its plan, and the verdict as the run alone was judged', () => {
    expect(night).toMatchObject({
      ...{ schema: 'gauntlet.night/1', run: 'small-run', campaign: 'small', target: 'shop', seed: 7 },
      environment: { key: 'shop', words: { cluster: 'blue', nodes: '3' } },
      subject: { orders: 'sha256:12ab' },
      ...{ status: 'PASS', runStatus: 'PASS', quarantine: [], report: null, recoveryWatchMs: 20_000 },
      startedAt: '2027-01-15T07:59:59.000Z',
    });
  });

  it('counts each phase from the baseline on, without the warm-up', () => {
    const { 'shop.orders': orders } = night.flows;
    expect(Object.keys(orders ?? {})).toEqual(['baseline', 'fault:pause', 'recovery:pause', 'steady']);
    expect(orders?.['fault:pause']).toMatchObject({ due: 10, failed: 4, unanswered: 0, seconds: 2 });
    const { value, low, high } = orders?.['fault:pause']?.bad ?? {};
    expect(value).toBe(0.4);
    // Wilson, 4 of 10.
    expect(low).toBeCloseTo(0.168, 3);
    expect(high).toBeCloseTo(0.687, 3);
  });

  it('gives a quantile with its interval where there are enough samples, else none', () => {
    const { p50, p95 } = night.flows['shop.orders']?.['baseline']?.goodMs ?? {};
    expect(p50?.value).toBeGreaterThan(10);
    expect(p50?.low).toBeLessThan(p50?.value ?? 0);
    expect(p50?.high).toBeGreaterThan(p50?.value ?? Number.POSITIVE_INFINITY);
    expect(p95).toEqual({ value: null, low: null, high: null });
  });

  it('keeps the distribution of the baseline alone', () => {
    const { data } = assembleRun(join(folder, 'a')).stored;
    const phase = assembleRun(join(folder, 'a')).result.phases.filter((one) => one.name === 'baseline');
    const { baseline, steady } = night.flows['shop.orders'] ?? {};
    expect(decodeCounts(baseline?.histogram ?? '')).toEqual(data.good('shop.orders', ...phase).sparse());
    expect(steady).not.toHaveProperty('histogram');
  });

  it('has a line for each level of each round of a fault', () => {
    expect(night.faults).toEqual([
      expect.objectContaining({
        ...{ name: 'pause', status: 'injected', whyNotInjected: null },
        ...{ appliedAt: expect.any(Number), victims: 1 },
      }),
    ]);
    const held = night.recoveries.find((one) => one.sli === 'held');
    expect(held).toMatchObject({ fault: 'pause', round: 1, status: 'recovered' });
    expect(held?.sinceInjectedMs).toBeGreaterThan(1000);
    expect(night.recoveries.map((one) => one.sli).sort()).toEqual([
      ...['fresh', 'held'],
      ...['shop.orders failed', 'shop.orders slow', 'shop.search failed', 'shop.search slow'],
    ]);
  });

  it('names flow, fault and comparison of an objective after a fault, so that it can be judged again', () => {
    const after: Plan['objectives'][number] = {
      ...{ name: 'shop.orders recovered < 9s after pause', flow: 'shop.orders', comparison: '<' },
      ...{ limit: 9000, indicator: { kind: 'recovered' }, scope: { kind: 'after', fault: 'pause' } },
      source: null,
    };
    writeSmallRun(join(folder, 'after'), true, { objectives: [...smallPlan.objectives, after] });
    const [first, second] = nightOfRun(join(folder, 'after')).objectives;
    expect(second).toMatchObject({ fault: 'pause', flow: 'shop.orders', comparison: '<', unit: 'ms' });
    expect(Object.keys(first ?? {})).not.toContain('comparison');
  });

  it('is the same record however often it is judged, and its id is its content', () => {
    expect(nightOfRun(join(folder, 'a'))).toEqual(night);
    expect(night.id).toMatch(/^small-run-[0-9a-f]{12}$/);
    expect(nightIdOf(night)).toBe(night.id);
    expect(nightIdOf(JSON.parse(JSON.stringify(night)) as Night)).toBe(night.id);
    expect(nightIdOf({ ...night, status: 'FAIL' })).not.toBe(night.id);
  });

  it('is small enough for a year of them', () => {
    expect(JSON.stringify(night).length).toBeLessThan(20_000);
  });
});

describe('the hash of a campaign', () => {
  const of = (changed: Partial<Plan> = {}): string => campaignHashOf({ ...smallPlan, ...changed });
  const [load] = smallPlan.load;
  const [fault] = smallPlan.faults;

  it('is the same for another seed, id, target, address or limit', () => {
    expect(of()).toMatch(/^[0-9a-f]{16}$/);
    expect(of({ seed: 8, id: 'other', target: 'other', objectives: [], versions: {} })).toBe(of());
    expect(of({ load: smallPlan.load.map((one) => ({ ...one, env: { URL: 'http://other' } })) })).toBe(of());
    expect(of({ recovery: { holdMs: ms(1000), timeoutMs: ms(40_000) } })).toBe(of());
  });

  it.each([
    [
      'rate',
      {
        load: [
          {
            ...load,
            flows: load?.flows.map((one) => ({ ...one, schedule: { startRate: perSecond(6), stages: [] } })),
          },
        ],
      },
    ],
    ['parameter of a fault', { faults: [{ ...fault, written: '{ for: 2s }' }] }],
    ['list of faults', { faults: [] }],
    ['group of faults', { faults: [{ ...fault, group: { name: 'a+b', how: 'together' } }] }],
    ['warm-up', { warmupMs: ms(3000) }],
    ['baseline', { baselineMs: ms(3000) }],
    ['number of rounds', { repeat: 2 }],
    ['hold of a recovery', { recovery: { holdMs: ms(2000), timeoutMs: ms(20_000) } }],
  ])('is another for another %s', (_, changed) => {
    expect(of(changed as Partial<Plan>)).not.toBe(of());
  });
});

describe('the folder of a target', () => {
  it('is its name', () => expect(environmentKey('staging')).toBe('staging'));

  it('is a part of a path for any name, and two names stay two', () => {
    const names = ['../../etc', '..', '', 'A', 'a b', 'a/b', 'x'.repeat(80), 'ä'];
    const keys = names.map(environmentKey);
    for (const key of keys) expect(key).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
    expect(new Set(keys).size).toBe(names.length);
  });
});
