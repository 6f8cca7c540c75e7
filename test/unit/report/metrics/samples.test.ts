import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderOpenMetrics, renderPrometheus } from '../../../../src/report/metrics/exposition.ts';
import { type Family, nameOfSample } from '../../../../src/report/metrics/family.ts';
import { type MetricsInput, metricsOf } from '../../../../src/report/metrics/samples.ts';
import { demoInput, emptyInput, historyInput } from '../fixture.ts';
import { FLOW, gateInput, withRecovery } from '../gate-fixture.ts';
import { endedAs, nightOf } from './night-fixture.ts';

const DEMO = demoInput();
const of = (input = DEMO, more: Partial<MetricsInput> = {}): readonly Family[] =>
  metricsOf({ night: nightOf(input), plan: input.plan, result: input.result, trend: null, ...more });
const linesOf = (families: readonly Family[]): string[] => renderPrometheus(families).trimEnd().split('\n');

/** Names and labels; what facts say changes with them. */
function seriesOf(families: readonly Family[]): string[] {
  return families.flatMap((family) =>
    family.samples.map((sample) => {
      const labels = Object.entries(sample.labels).map(([name, value]) =>
        family.type === 'info' && !['campaign', 'environment'].includes(name) ? name : `${name}=${value}`,
      );
      return `${nameOfSample(family, sample)} ${labels.join(' ')}`;
    }),
  );
}

describe('the metrics of a run', () => {
  const lines = linesOf(of());
  const at = (start: string): string[] => lines.filter((line) => line.startsWith(start));

  it('say the verdict by one series for each that it can be', () => {
    expect(at('gauntlet_run_verdict{')).toEqual(
      [
        ['PASS', 0],
        ['FAIL', 1],
        ['INCONCLUSIVE', 0],
        ['NO-DATA', 0],
        ['INVALID', 0],
        ['RESIDUE', 0],
      ].map(
        ([verdict, value]) =>
          `gauntlet_run_verdict{campaign="demo",environment="sandbox",verdict="${verdict}"} ${value}`,
      ),
    );
    expect(lines).toContain(
      'gauntlet_run_info{campaign="demo",environment="sandbox",verdict="FAIL",version="0.1.0"} 1',
    );
    expect(lines).toContain('gauntlet_exit_code{campaign="demo",environment="sandbox"} 1');
    expect(lines).toContain(
      `gauntlet_run_timestamp_seconds{campaign="demo",environment="sandbox"} ${Date.UTC(2026, 10, 21, 3, 14, 46) / 1000}`,
    );
  });

  it('have response times of good answers with their interval, in seconds', () => {
    const labels =
      'campaign="demo",environment="sandbox",flow="gateway.intentions",phase="baseline",quantile="0.5"';
    const [value] = at(`gauntlet_response_seconds{${labels}}`).map((line) => Number(line.split(' ')[1]));
    const [low] = at(`gauntlet_response_seconds_low{${labels}}`).map((line) => Number(line.split(' ')[1]));
    expect(value).toBeCloseTo(0.0169, 4);
    expect(low).toBeCloseTo((value ?? 0) * 0.9, 9);
  });

  it('call a recovery that never came infinite, and say how long it was watched', () => {
    const labels = 'campaign="demo",environment="sandbox",fault="partition-kafka",sli="hive.plan failed"';
    expect(lines).toContain(`gauntlet_recovery_seconds{${labels}} +Inf`);
    expect(lines).toContain(`gauntlet_recovery_seconds_low{${labels}} 60`);
    expect(lines).toContain(`gauntlet_recovery_censored{${labels}} 1`);
    expect(lines).toContain(`gauntlet_loss_seconds{${labels}} 22.4`);
    const back = labels.replace('hive.plan failed', 'held');
    expect(lines).toContain(`gauntlet_recovery_seconds{${back}} 9.8`);
    expect(lines).toContain(`gauntlet_recovery_seconds_low{${back}} 9.7`);
    expect(lines).toContain(`gauntlet_recovery_censored{${back}} 0`);
  });

  it('take the worst round of a fault, never a mean of those that recovered', () => {
    const night = nightOf(DEMO);
    const [held] = night.recoveries.filter((one) => one.fault === 'kill-pod' && one.sli === 'held');
    if (held === undefined) throw new Error('the fixture has it');
    const later = { ...held, round: 2, sinceInjectedMs: 9000 };
    const never = { ...held, round: 3, status: 'censored' as const, sinceInjectedMs: 60_000 };
    const said = linesOf(of(DEMO, { night: { ...night, recoveries: [held, later, never] } }));
    const labels = 'campaign="demo",environment="sandbox",fault="kill-pod",sli="held"';
    expect(said).toContain(`gauntlet_recovery_rounds{${labels}} 3`);
    expect(said).toContain(`gauntlet_recovery_censored{${labels}} 1`);
    expect(said).toContain(`gauntlet_recovery_seconds{${labels}} +Inf`);
    const both = linesOf(of(DEMO, { night: { ...night, recoveries: [held, later] } }));
    expect(both).toContain(`gauntlet_recovery_seconds{${labels}} 9`);
  });

  it('are the same series whatever the verdict is, and whatever was measured', () => {
    const night = nightOf(DEMO);
    const all = seriesOf(of());
    expect(all.length).toBeGreaterThan(300);
    for (const status of ['PASS', 'INVALID', 'RESIDUE'] as const)
      expect(seriesOf(of(DEMO, { night: endedAs(night, status) }))).toEqual(all);
    const killed = { ...endedAs(night, 'INVALID'), flows: {}, faults: [], recoveries: [], objectives: [] };
    expect(seriesOf(of(DEMO, { night: killed }))).toEqual(all);
    expect(
      linesOf(of(DEMO, { night: killed })).filter((line) => line.endsWith(' NaN')).length,
    ).toBeGreaterThan(200);
  });

  it('name no series twice', () => {
    for (const input of [DEMO, emptyInput(), historyInput(), withRecovery(gateInput())]) {
      const names = linesOf(of(input))
        .filter((line) => !line.startsWith('#'))
        .map((line) => line.replace(/ \S+$/, ''));
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('know no success unless it is told one, and say 0 then', () => {
    const success = (night: MetricsInput['night']): string | undefined =>
      linesOf(of(DEMO, { night })).find((line) =>
        line.startsWith('gauntlet_last_success_timestamp_seconds{'),
      );
    expect(success(nightOf(DEMO))).toMatch(/ 0$/);
    expect(success(endedAs(nightOf(DEMO), 'PASS'))).toMatch(/ 1795230886$/);
  });

  it('of a gate hold ratios, both sides and the recoveries, and of an invalid gate the same without values', () => {
    const input = withRecovery(gateInput());
    const said = linesOf(of(input));
    const common = 'campaign="pre-release",environment="blue and green"';
    expect(said.find((line) => line.startsWith(`gauntlet_gate_pairs{${common}}`))).toMatch(/ 24$/);
    expect(
      said.some((line) =>
        line.startsWith(`gauntlet_gate_ratio{${common},flow="${FLOW}",metric="p99",bound="low"} 0.`),
      ),
    ).toBe(true);
    const { gate: _, ...without } = input.result;
    const gateAlone = (families: readonly Family[]) =>
      families.filter((one) => !one.name.startsWith('gauntlet_gate_recovery'));
    expect(seriesOf(gateAlone(of({ ...input, result: without })))).toEqual(seriesOf(gateAlone(of(input))));
  });
});

describe('both text formats', () => {
  it('hold the same series, and OpenMetrics ends with its mark', () => {
    const plain = renderPrometheus(of());
    const open = renderOpenMetrics(of());
    const series = (text: string): string[] =>
      text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series(open)).toEqual(series(plain));
    expect(open.endsWith('\n# EOF\n')).toBe(true);
    expect(plain.endsWith('\n')).toBe(true);
    expect(plain).not.toMatch(/\n\n/);
    expect(open).not.toMatch(/\n\n/);
    expect(open).toContain('# TYPE gauntlet_run info\n');
    expect(open).toContain('# UNIT gauntlet_response_seconds seconds\n');
    expect(plain).toContain('# TYPE gauntlet_run_info gauge\n');
  });

  it('keep any text of a label one line, and two texts two', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => !/\p{Cs}/u.test(one)),
      fc.constantFrom('a"b', 'a\\b', 'a\nb', 'a\u001b[2Jb', '\u202e'),
    );
    const readBack = (label: string): string => {
      const family: Family = {
        name: 'x',
        help: 'X.',
        type: 'gauge',
        samples: [{ labels: { label }, value: 1 }],
      };
      const [, , line = ''] = renderPrometheus([family]).split('\n');
      const [, inside = ''] = /^x\{label="((?:[^"\\]|\\.)*)"\} 1$/u.exec(line) ?? [];
      return inside.replace(/\\(.)/gu, (_, sign: string) => (sign === 'n' ? '\n' : sign));
    };
    fc.assert(
      fc.property(text, (one) => {
        const isPlain = !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(one);
        if (isPlain) expect(readBack(one)).toBe(one);
        else expect(readBack(one)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
      { numRuns: 300 },
    );
    expect(readBack('a\u001b')).toBe('a\\u001b');
  });
});
