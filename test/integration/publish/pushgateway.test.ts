/** Metrics of nights at a Pushgateway: one group a campaign and environment, the same series whatever happened. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receivers } from '../../../src/core/receivers.ts';
import { type StubPushgateway, stubPushgateway } from '../../fakes/receivers/stub-pushgateway.ts';
import { alone, fault, night, type Rig, rig, withHistory } from './rig.ts';

let gateway: StubPushgateway;
let own: Rig;
beforeEach(async () => {
  gateway = await stubPushgateway();
  own = rig();
});
afterEach(async () => {
  own.close();
  await gateway.close();
});

const to = (url: string): Receivers => ({
  pushgateway: { url: { from: 'text', url }, token: null, insecure: false },
});
const LAST =
  'gauntlet_last_success_timestamp_seconds{campaign="nightly",environment="staging",job="gauntlet"}';
const at = (day: number): string => String(Date.parse(`2026-11-${day}T02:20:00Z`) / 1000);

/** What names a run or says how it ended, as a fact: it is another one each night. */
const withoutRun = (series: string): string =>
  series.replace(/^(\w+_info)\{.*/, '$1').replace(/(experiment_id|game_day_id)="[^"]*"/g, '$1');

describe('metrics at a Pushgateway', () => {
  it('are put into the group of campaign and environment, never of a run, and without timestamps', async () => {
    const [told] = await own.push(to(gateway.base), alone(night(10, 'PASS')));
    expect(told).toEqual({
      ...{ receiver: 'pushgateway', status: 'pushed' },
      text: `pushgateway (${gateway.base}): ${gateway.series().length} series of nightly on staging.`,
    });
    expect(gateway.asked.map((one) => `${one.method} ${one.path}`)).toEqual([
      'PUT /metrics/job/gauntlet/campaign/nightly/environment/staging',
    ]);
    expect(gateway.value(LAST)).toBe(at(10));
    // Names of experiments and game days are labels of the team's own alerts.
    expect(
      gateway.series().filter((one) => one.startsWith('gauntlet_') && one.includes('2026-11-10')),
    ).toEqual([]);
  });

  it('have the same series after PASS, FAIL and a night that was killed, with and without a history', async () => {
    const faults = [fault()];
    const recoveries = [
      {
        ...{ fault: 'kill-pod', sli: 'shop.order failed', round: 1, status: 'recovered' as const },
        ...{ sinceInjectedMs: 8000, boundMs: 100, lossSeconds: 2, flaps: 0 },
      },
    ];
    const nights = [
      night(10, 'PASS', { faults, recoveries }),
      night(11, 'FAIL', { faults, recoveries }),
      night(12, 'INVALID', { flows: {} }),
    ];
    const seen: (readonly string[])[] = [];
    for (const count of [1, 2, 3]) {
      await own.push(to(gateway.base), withHistory(nights.slice(0, count)));
      // The facts of a run are labels of one series; all others are the same series.
      seen.push(gateway.series().map(withoutRun));
    }
    expect(seen[0]?.length).toBeGreaterThan(20);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(gateway.value(LAST)).toBe(at(10));
  });

  it('keep the time of the last PASS when a run folder fails: the group itself knows it', async () => {
    await own.push(to(gateway.base), alone(night(10, 'PASS')));
    await own.push(to(gateway.base), alone(night(11, 'FAIL')));
    expect(gateway.value(LAST)).toBe(at(10));
    await own.push(to(gateway.base), alone(night(12, 'INVALID', { flows: {} })));
    expect(gateway.value(LAST)).toBe(at(10));
    expect(gateway.value(LAST.replace('staging', 'prod'))).toBeUndefined();
  });

  it('say 0 where no PASS is known, so that an alert on its age fires', async () => {
    await own.push(to(gateway.base), alone(night(11, 'FAIL')));
    expect(gateway.value(LAST)).toBe('0');
  });

  it('are not pushed where the last PASS would be lost', async () => {
    gateway.next.push({ status: 404, body: 'no such page' });
    const [told] = await own.push(to(gateway.base), alone(night(11, 'FAIL')));
    expect(told?.text).toBe(
      `pushgateway (${gateway.base}): it refuses to tell when the campaign last passed (GET /api/v1/metrics) (HTTP 404): no such page. Push a history instead of a run folder: it knows when the campaign last passed.`,
    );
    expect(gateway.series()).toEqual([]);
  });

  it('keep the groups of two environments apart, whatever their names hold', async () => {
    const names = ['staging', 'a/b', '..', 'ü "x" #1\\', '.', 'a b'];
    for (const target of names) await own.push(to(gateway.base), alone(night(10, 'PASS', { target })));
    const found = gateway.series().filter((one) => one.startsWith('gauntlet_exit_code'));
    expect(found).toHaveLength(names.length);
    const groups = gateway.asked.map((one) =>
      one.path.replace('/metrics/job/gauntlet/campaign/nightly/', ''),
    );
    expect(groups.slice(0, 3)).toEqual([
      'environment/staging',
      'environment@base64/YS9i',
      'environment@base64/Li4',
    ]);
  });

  it('go below the path of its URL, with user and password by reference as basic auth', async () => {
    own.env['PUSH_URL'] = `${gateway.base.replace('//', '//ops:hunter%2422@')}/below/`;
    const url = { from: 'env', name: 'PUSH_URL' } as const;
    const [told] = await own.push(
      { pushgateway: { url, token: null, insecure: false } },
      alone(night(10, 'PASS')),
    );
    expect(gateway.asked[0]?.path).toBe('/below/metrics/job/gauntlet/campaign/nightly/environment/staging');
    expect(gateway.asked[0]?.headers.authorization).toBe(`Basic ${btoa('ops:hunter$22')}`);
    expect(told?.text).toBe(
      `pushgateway (${gateway.base}): it refuses the metrics (HTTP 404): 404 page not found. Write its URL without /metrics: http://pushgateway:9091.`,
    );
  });

  it('that it finds inconsistent are told in its own words, and not tried again', async () => {
    await fetch(`${gateway.base}/metrics/job/other`, {
      ...{ method: 'PUT', body: '# TYPE gauntlet_exit_code counter\ngauntlet_exit_code 1\n' },
    });
    const [told] = await own.push(to(gateway.base), alone(night(10, 'PASS')));
    expect(told?.text).toContain(
      'it refuses the metrics (HTTP 400): pushed metrics are invalid or inconsistent with existing metrics: collected metric "gauntlet_exit_code"',
    );
    expect(gateway.asked.filter((one) => one.path.includes('gauntlet'))).toHaveLength(1);
  });
});
