/** Our two text formats as the client library of Prometheus reads them, and the alerts as Prometheus evaluates them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Night, NightFault } from '../../../src/core/night.ts';
import type { Trend } from '../../../src/core/trend.ts';
import { renderOpenMetrics, renderPrometheus } from '../../../src/report/metrics/exposition.ts';
import { type Family, nameOfSample } from '../../../src/report/metrics/family.ts';
import { metricsOf } from '../../../src/report/metrics/samples.ts';
import { demoInput, historyInput } from '../../unit/report/fixture.ts';
import { gateInput, withRecovery } from '../../unit/report/gate-fixture.ts';
import { ALERTS } from '../../unit/report/metrics/alerts.ts';
import { endedAs, nightOf } from '../../unit/report/metrics/night-fixture.ts';
import { type Oracles, pipOracles } from '../support/pip-oracles.ts';

const DEMO = demoInput();
const NIGHT = nightOf(DEMO);
const of = (input = DEMO, night = nightOf(input)): readonly Family[] =>
  metricsOf({ night, plan: input.plan, result: input.result, trend: null });
const hostile = (): readonly Family[] => {
  const flow = 'a "b" \\ #é\n\u001b[2J{x="1"} 2';
  return of(DEMO, { ...NIGHT, flows: { ...NIGHT.flows, [flow]: NIGHT.flows['gateway.intentions'] ?? {} } });
};

/** Each series with its value as text, sorted by name and labels. */
const READ = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as plain
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
given = json.load(sys.stdin)
parse = strict if given["format"] == "openmetrics" else plain
rows = [[s.name, sorted(s.labels.items()), repr(float(s.value))] for f in parse(given["text"]) for s in f.samples]
print(json.dumps(sorted(rows)))
`;

describe('the Python client of Prometheus', () => {
  let oracles: Oracles;
  beforeAll(async () => {
    oracles = await pipOracles();
  }, 300_000);

  it.for([
    ['a run', of()],
    ['a killed run', of(DEMO, { ...endedAs(NIGHT, 'INVALID'), flows: {}, faults: [], recoveries: [] })],
    ['a gate', of(withRecovery(gateInput()))],
    ['a candidate against earlier runs', of(historyInput())],
    ['names that are no names', hostile()],
  ] as const)('reads %s the same from both formats, series by series', async ([, families], context) => {
    if (oracles.skip !== null) return context.skip(oracles.skip);
    const count = families.reduce((sum, one) => sum + one.samples.length, 0);
    const plain = await oracles.ask(READ, { format: 'prometheus', text: renderPrometheus(families) });
    const strict = await oracles.ask(READ, { format: 'openmetrics', text: renderOpenMetrics(families) });
    expect(plain).toHaveLength(count);
    expect(strict).toEqual(plain);
  });

  it('refuses OpenMetrics without its last line, so that half a text is no text', async (context) => {
    if (oracles.skip !== null) return context.skip(oracles.skip);
    const half = renderOpenMetrics(of()).replace('# EOF\n', '');
    await expect(oracles.ask(READ, { format: 'openmetrics', text: half })).rejects.toThrow('# EOF');
  });
});

const promtool = [process.env['GAUNTLET_PROMTOOL'], 'promtool'].find(
  (name) => name !== undefined && spawnSync(name, ['--version']).status === 0,
);

/** Everything that an alert is about, in one night. */
function badNight(): Night {
  const faults = NIGHT.faults.map(
    (one, index): NightFault => ({
      ...one,
      ...{ victims: 6, injectedAt: (one.appliedAt ?? 0) + 90_000, removedAt: (one.appliedAt ?? 0) + 100_000 },
      ...(index === 0 && { status: 'residue' as const, removedAt: null }),
    }),
  );
  const recoveries = NIGHT.recoveries.map((one) => ({
    ...one,
    ...{ status: 'recovered' as const, sinceInjectedMs: 300_000 },
  }));
  const endedAt = new Date(Date.parse(NIGHT.startedAt) + 3 * 3_600_000).toISOString();
  return { ...endedAs(NIGHT, 'RESIDUE'), run: 'bad', id: 'bad', endedAt, faults, recoveries };
}

const historyOf = (nights: readonly Night[]): readonly Family[] => {
  const trend: Trend = {
    ...{ campaign: 'demo', environment: 'sandbox', nights, segments: [], pinned: null, series: [] },
    ...{ quarantine: [], status: null, headline: '' },
  };
  return metricsOf({ night: nights.at(-1) ?? NIGHT, plan: DEMO.plan, result: null, trend });
};

/** As a Pushgateway is scraped each minute: five times the good night, then the bad one, for promtool. */
function scraped(before: readonly Family[], after: readonly Family[]): object[] {
  const textOf = (value: number): string =>
    Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : 'Inf';
  const valuesOf = (families: readonly Family[]): Map<string, string> =>
    new Map(
      families.flatMap((family) =>
        family.samples.map((sample) => {
          const inside = Object.entries(sample.labels).map(
            ([name, text]) => `${name}=${JSON.stringify(text)}`,
          );
          return [`${nameOfSample(family, sample)}{${inside.join(',')}}`, textOf(sample.value)] as const;
        }),
      ),
    );
  const [first, second] = [valuesOf(before), valuesOf(after)].map(
    (all) => new Map([...all].filter(([series]) => series.startsWith('chaos_'))),
  );
  return [...new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])].map((series) => {
    const [a, b] = [first?.get(series) ?? '_', second?.get(series) ?? '_'];
    return { series, values: [...Array(5).fill(a), ...Array(10).fill(b)].join(' ') };
  });
}

describe('Prometheus itself, where its promtool is installed', () => {
  it.skipIf(promtool === undefined)('lets eight alerts fire after a bad night, none after a good one', () => {
    const good = endedAs(
      { ...NIGHT, recoveries: NIGHT.recoveries.filter((one) => one.status !== 'censored') },
      'PASS',
    );
    const quiet = { ...good, objectives: [] };
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-promtool-'));
    try {
      const own = ALERTS.filter((one) => one.served !== 'foreign');
      const testOf = (after: readonly Night[], isBad: boolean): object => ({
        interval: '1m',
        input_series: scraped(historyOf([quiet]), historyOf(after)),
        promql_expr_test: own.map(({ expression, served }) => ({
          expr: `(count(${expression}) > bool 0) or vector(0)`,
          eval_time: '10m',
          exp_samples: [{ labels: '{}', value: isBad && served === 'fires' ? 1 : 0 }],
        })),
      });
      const again = { ...quiet, run: 'again', id: 'again' };
      const tests = [testOf([quiet, badNight()], true), testOf([quiet, again], false)];
      const file = join(folder, 'alerts.yaml');
      writeFileSync(file, JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests }));
      const { status, stderr, stdout } = spawnSync(promtool ?? '', ['test', 'rules', file], {
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`).not.toContain('FAILED');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
