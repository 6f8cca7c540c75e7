import { describe, expect, it } from 'vitest';
import type { Night, NightFault } from '../../../../src/core/night.ts';
import type { Trend } from '../../../../src/core/trend.ts';
import { type Family, nameOfSample, type Sample } from '../../../../src/report/metrics/family.ts';
import { blastRadius } from '../../../../src/report/metrics/played.ts';
import { metricsOf } from '../../../../src/report/metrics/samples.ts';
import { demoInput } from '../fixture.ts';
import { ALERTS, PANELS } from './alerts.ts';
import { endedAs, nightOf } from './night-fixture.ts';

const DEMO = demoInput();
const NIGHT = nightOf(DEMO);

const trendOf = (nights: readonly Night[]): Trend => ({
  ...{ campaign: 'demo', environment: 'sandbox', nights, segments: [], pinned: null, series: [] },
  ...{ quarantine: [], status: null, headline: '' },
});
/** The night `index` days later, as `nightly` has it in its history. */
const later = (night: Night, index: number): Night => {
  const moved = (iso: string): string => new Date(Date.parse(iso) + index * 86_400_000).toISOString();
  const run = `${night.run}-${index}`;
  return { ...night, run, id: run, startedAt: moved(night.startedAt), endedAt: moved(night.endedAt) };
};
const historyOf = (nights: readonly Night[]): readonly Family[] => {
  const last = nights.at(-1);
  if (last === undefined) throw new Error('a history has nights');
  return metricsOf({ night: last, plan: null, result: null, trend: trendOf(nights) });
};

const pick = (
  families: readonly Family[],
  metric: string,
  wanted: Readonly<Record<string, string>>,
): Sample[] =>
  families.flatMap((family) =>
    family.samples
      .filter((sample) => nameOfSample(family, sample) === metric)
      .filter(({ labels }) =>
        Object.entries(wanted).every(([name, value]) =>
          new RegExp(`^(?:${value})$`).test(labels[name] ?? ''),
        ),
      ),
  );
const sum = (samples: readonly Sample[]): number => samples.reduce((total, one) => total + one.value, 0);

describe("the alerts of the first system's team", () => {
  const families = metricsOf({ night: NIGHT, plan: DEMO.plan, result: DEMO.result, trend: null });

  it('are sixteen: eight can fire, six find series that stay silent, two ask others', () => {
    const count = (served: string): number => ALERTS.filter((one) => one.served === served).length;
    expect([ALERTS.length, count('fires'), count('silent'), count('foreign')]).toEqual([16, 8, 6, 2]);
  });

  it.each(ALERTS)('$name finds the series that it selects, or asks for what is not ours', (alert) => {
    for (const [metric, labels] of alert.selects)
      expect(pick(families, metric, labels).length > 0, metric).toBe(alert.served !== 'foreign');
  });

  it('join series with equal labels where they compare two', () => {
    const labelsOf = (metric: string): unknown => pick(families, metric, {}).map((one) => one.labels);
    expect(labelsOf('chaos_active_experiments')).toEqual(labelsOf('chaos_experiment_start_timestamp'));
    expect(labelsOf('chaos_game_day_scenarios_failed')).toEqual(labelsOf('chaos_game_day_scenarios_total'));
  });

  it.each(PANELS)('have a dashboard whose panels find %s', (metric, labels) => {
    const found = pick(families, metric, {});
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(Object.keys(one.labels)).toEqual(expect.arrayContaining([...labels]));
  });

  it('see each night, since counters are over the whole history', () => {
    const good = endedAs(NIGHT, 'PASS');
    const before = [0, 1, 2].map((index) => later(good, index));
    const after = [...before, later(NIGHT, 3)];
    const risen = (metric: string, labels: Readonly<Record<string, string>>): number =>
      sum(pick(historyOf(after), metric, labels)) - sum(pick(historyOf(before), metric, labels));
    expect(risen('chaos_experiments_total', { status: 'failed' })).toBe(1);
    expect(risen('chaos_experiments_total', { status: 'FAILED' })).toBe(1);
    expect(risen('chaos_experiments_total', {})).toBe(2);
    expect(risen('chaos_experiment_started_total', {})).toBe(1);
    expect(risen('chaos_injection_total', { status: 'success' })).toBe(3);
    expect(risen('chaos_rollback_total', { status: 'failure' })).toBe(0);
    expect(risen('chaos_injection_duration_seconds_count', { fault_type: 'network.*' })).toBe(2);
  });

  it('hear of a fault that is not proven gone, under both names', () => {
    const left = NIGHT.faults.map((one): NightFault => ({ ...one, status: 'residue', removedAt: null }));
    const said = historyOf([{ ...endedAs(NIGHT, 'RESIDUE'), faults: left }]);
    expect(sum(pick(said, 'chaos_rollback_total', { status: 'failure' }))).toBe(3);
    expect(sum(pick(said, 'chaos_rollback_total', { status: 'failed' }))).toBe(3);
    expect(sum(pick(said, 'chaos_rollback_total', { status: 'success' }))).toBe(0);
  });

  it('never hear of an undo where nothing was done', () => {
    const faults = NIGHT.faults.map(
      (one): NightFault => ({
        ...one,
        ...{
          status: 'not-injected',
          appliedAt: null,
          injectedAt: null,
          removedAt: null,
          whyNotInjected: 'no evidence',
        },
      }),
    );
    const said = historyOf([{ ...NIGHT, faults, recoveries: [] }]);
    expect(sum(pick(said, 'chaos_rollback_total', {}))).toBe(0);
    expect(sum(pick(said, 'chaos_injection_total', { status: 'failed' }))).toBe(3);
    expect(sum(pick(said, 'chaos_injection_total', { status: 'success' }))).toBe(0);
  });
});

describe('a run as experiment and game day', () => {
  const said = historyOf([NIGHT]);

  it('counts a scenario as failed when a level did not recover, or a limit was not met', () => {
    expect(sum(pick(said, 'chaos_game_day_scenarios_total', {}))).toBe(3);
    expect(sum(pick(said, 'chaos_game_day_scenarios_failed', {}))).toBe(1);
    const [info] = pick(said, 'chaos_game_day_info', {});
    expect(info?.labels).toMatchObject({
      game_day_id: 'gd-20261121-031208',
      ...{ scenarios_total: '3', scenarios_passed: '2', scenarios_failed: '1', success_rate: '66.7' },
    });
  });

  it('counts faults that a killed run did not reach as failed scenarios', () => {
    const killed = { ...endedAs(NIGHT, 'INVALID'), faults: NIGHT.faults.slice(0, 1) };
    const families = metricsOf({ night: killed, plan: DEMO.plan, result: null, trend: null });
    expect(sum(pick(families, 'chaos_game_day_scenarios_total', {}))).toBe(3);
    expect(sum(pick(families, 'chaos_game_day_scenarios_failed', {}))).toBe(2);
  });

  it('is neither completed nor failed when it is INCONCLUSIVE', () => {
    const families = historyOf([endedAs(NIGHT, 'INCONCLUSIVE')]);
    const of = (status: string): number => sum(pick(families, 'chaos_experiments_total', { status }));
    expect([of('inconclusive'), of('completed'), of('failed')]).toEqual([1, 0, 0]);
  });

  it('has the most victims at one time, which only overlapping faults add up to', () => {
    const [one, two] = NIGHT.faults;
    if (one === undefined || two === undefined) throw new Error('the fixture has faults');
    const fault = (more: Partial<NightFault>): NightFault => ({ ...one, ...more });
    const apart = [
      fault({ appliedAt: 0, injectedAt: 1, removedAt: 10, victims: 3 }),
      fault({ appliedAt: 10, injectedAt: 11, removedAt: 20, victims: 4 }),
    ];
    expect(blastRadius({ ...NIGHT, faults: apart })).toBe(4);
    const together = [apart[0], fault({ appliedAt: 5, injectedAt: 6, removedAt: 20, victims: 4 })];
    expect(blastRadius({ ...NIGHT, faults: together.filter((x) => x !== undefined) })).toBe(7);
    expect(blastRadius({ ...NIGHT, faults: [fault({ removedAt: null, victims: 2 })] })).toBe(2);
    const { victims: _, ...unknown } = two;
    expect(blastRadius({ ...NIGHT, faults: [unknown] })).toBe(null);
  });
});
