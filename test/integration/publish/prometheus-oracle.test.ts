/**
 * The alert rules and the dashboard as Prometheus itself reads them. GAUNTLET_PROMTOOL names promtool, else it is found
 * on PATH: `apt-get install prometheus`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { projectRoot } from '../../../src/system/project.ts';

const RULES = join(projectRoot, 'deploy', 'prometheus', 'gauntlet-alerts.yaml');
const DASHBOARD = join(projectRoot, 'deploy', 'grafana', 'gauntlet.json');

const promtool = [process.env['GAUNTLET_PROMTOOL'], 'promtool'].find((name) => {
  if (name === undefined || name === '') return false;
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
const why = promtool === undefined ? ' (skipped: no promtool on PATH, and GAUNTLET_PROMTOOL is not set)' : '';
const run = (...args: string[]): string =>
  execFileSync(promtool ?? '', args, { encoding: 'utf8', stdio: 'pipe' });

/** Series of one campaign: name, further labels, value every ten minutes. */
type Series = readonly [name: string, labels: string, values: string];

describe.skipIf(promtool === undefined)(`what is deployed, by promtool${why}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gauntlet-promtool-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads the alert rules', () => {
    expect(run('check', 'rules', RULES)).toMatch(/SUCCESS: 9 rules found/);
  });

  it('reads each query of the dashboard', () => {
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
      readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
    };
    const exprs = panels.flatMap(({ targets = [] }) => targets.map((one) => one.expr));
    const rules = exprs.map((expr, index) => ({ record: `q${index}`, expr: expr.replaceAll('$', '') }));
    const file = join(folder, 'dashboard.yaml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(run('check', 'rules', file)).toContain(`SUCCESS: ${exprs.length} rules found`);
  });

  const DAY = 86_400;
  const OF = 'campaign="nightly",environment="staging"';
  const GROUP = `job="gauntlet",${OF}`;
  const GOOD: readonly Series[] = [
    ['push_time_seconds', GROUP, '0x300'],
    ['push_failure_time_seconds', GROUP, '0x300'],
    ['gauntlet_last_success_timestamp_seconds', OF, '1x300'],
    ['gauntlet_run_verdict', `${OF},verdict="PASS"`, '1x300'],
    ['gauntlet_run_verdict', `${OF},verdict="FAIL"`, '0x300'],
    ['gauntlet_run_verdict', `${OF},verdict="RESIDUE"`, '0x300'],
    ['gauntlet_change_point', `${OF},series="p99",direction="worse"`, '0x300'],
    ['gauntlet_change_point', `${OF},series="p99",direction="better"`, '1x300'],
    ['gauntlet_trend_status', `${OF},status="FAIL"`, '0x300'],
    ['gauntlet_quarantined', OF, '0x300'],
    ['gauntlet_quarantine_until_timestamp_seconds', OF, '0x300'],
  ];
  const without = (...names: readonly string[]): readonly Series[] =>
    GOOD.filter(([name]) => !names.includes(name));

  /** Claims that no alert fires after so many hours. @returns those of which promtool says that they do. */
  function firing(series: readonly Series[], hours: number): readonly string[] {
    const all = [...readFileSync(RULES, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const file = join(folder, 'test.yaml');
    const input = series.map(([name, labels, values]) => ({ series: `${name}{${labels}}`, values }));
    const claims = all.map((alertname) => ({ eval_time: `${hours}h`, alertname, exp_alerts: [] }));
    const tests = [{ interval: '10m', input_series: input, alert_rule_test: claims }];
    writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: '10m', tests }));
    try {
      return run('test', 'rules', file).includes('SUCCESS') ? [] : ['promtool says neither'];
    } catch (error) {
      const said = String((error as { readonly stderr?: unknown }).stderr);
      const names = [...said.matchAll(/alertname: ?(\w+)/g)].map(([, name = '']) => name);
      return names.length > 0 ? [...new Set(names)] : [said];
    }
  }

  it('fires nothing for a night that passed', () => {
    expect(firing(GOOD, 34)).toEqual([]);
  });

  it.each<readonly [what: string, fires: readonly string[], series: readonly Series[], hours: number]>([
    ['nothing was pushed for 36 hours', ['GauntletNightlyStale'], GOOD, 38],
    ['nothing was ever pushed', ['GauntletNeverPushed'], without('push_time_seconds'), 3],
    [
      'the latest push was refused',
      ['GauntletPushRefused'],
      [...without('push_failure_time_seconds'), ['push_failure_time_seconds', GROUP, '60x300']],
      3,
    ],
    [
      'a fault is left',
      ['GauntletResidue'],
      [...without('gauntlet_run_verdict'), ['gauntlet_run_verdict', `${OF},verdict="RESIDUE"`, '1x300']],
      3,
    ],
    [
      'a night fails',
      ['GauntletNotPassed'],
      [...without('gauntlet_run_verdict'), ['gauntlet_run_verdict', `${OF},verdict="FAIL"`, '1x300']],
      3,
    ],
    [
      'no PASS is known',
      ['GauntletNoRecentPass'],
      [
        ...without('gauntlet_last_success_timestamp_seconds'),
        ['gauntlet_last_success_timestamp_seconds', OF, `-${8 * DAY}x300`],
      ],
      3,
    ],
    [
      'a series became worse, and the trend fails',
      ['GauntletWorse', 'GauntletTrendFails'],
      [
        ...without('gauntlet_change_point', 'gauntlet_trend_status'),
        ['gauntlet_change_point', `${OF},series="p99",direction="worse"`, '1x300'],
        ['gauntlet_trend_status', `${OF},status="FAIL"`, '1x300'],
      ],
      3,
    ],
    [
      'a quarantine ends in two days',
      ['GauntletQuarantineEnds'],
      [
        ...without('gauntlet_quarantined', 'gauntlet_quarantine_until_timestamp_seconds'),
        ['gauntlet_quarantined', OF, '1x300'],
        ['gauntlet_quarantine_until_timestamp_seconds', OF, `${2 * DAY}x300`],
      ],
      3,
    ],
  ])('fires when %s', (_, fires, series, hours) => {
    expect(firing(series, hours)).toEqual(fires);
  });
});
