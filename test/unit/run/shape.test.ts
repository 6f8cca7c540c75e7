import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { perSecond } from '../../../src/core/units.ts';
import { shapedSchedule, ticksOf } from '../../../src/measure/schedule.ts';
import { resolvePlan } from '../../../src/run/plan/resolve-plan.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { readCampaign } from '../../fakes/scenarios.ts';

const LOAD = 'load:\n  - { scenario: gateway-intentions, rate: 100/s }\n';

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-shape-')), 'c.yaml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string): string[] {
  const file = fileOf(text);
  try {
    readCampaign(file);
  } catch (error) {
    if (error instanceof GauntletError) return error.message.replaceAll(file, 'c.yaml').split('\n');
    throw error;
  }
  return [];
}

const planOf = (file: string, scale = 1) =>
  resolvePlan({
    campaign: readCampaign(file),
    topology: null,
    target: 'sandbox',
    id: 'x',
    seed: 7,
    scale,
    versions: {},
  });

describe('the shape of a campaign', () => {
  it('of phase 4 goes from smoke to breakpoint in one file, 100 requests/s and more', () => {
    const plan = planOf(join(projectRoot, 'campaigns/phase-4.yaml'));
    expect([...new Set(plan.shape?.steps.map((step) => step.phase.split(':')[0]))]).toEqual([
      ...['smoke', 'warmup', 'baseline', 'ramp', 'stress', 'spike', 'settle', 'soak', 'breakpoint'],
    ]);
    expect(plan.shape?.search?.phases.slice(0, 2)).toEqual(['breakpoint:100%', 'breakpoint:120%']);
    const rates = plan.load[0]?.flows[0]?.schedule.stages.map((stage) => stage.to) ?? [];
    expect(Math.max(...rates)).toBe(200);
    expect(rates.at(-1)).toBe(0);
  });

  it('is scaled by one parameter', () => {
    const plan = planOf(join(projectRoot, 'campaigns/phase-4.yaml'), 3);
    const rates = plan.load[0]?.flows[0]?.schedule.stages.map((stage) => stage.to) ?? [];
    expect(Math.max(...rates)).toBe(600);
    expect(plan.scale).toBe(3);
  });

  it('has exactly the arrivals of its area: jumps take no time, ramps are straight, and nothing is due after the end', () => {
    const schedule = shapedSchedule(perSecond(100), [
      { phase: 'a', from: 0.1, to: 0.1, lengthMs: 10_000 as never },
      { phase: 'b', from: 1, to: 1, lengthMs: 5000 as never },
      { phase: 'c', from: 1, to: 2, lengthMs: 4000 as never },
    ]);
    const ticks = ticksOf(schedule);
    expect(ticks.total).toBe(100 + 500 + 600);
    expect(ticks.dueBefore(10e9)).toBe(99);
    expect(ticks.dueBefore(15e9 + 1)).toBe(600);
    expect(ticks.offsetNs(1200)).toBe(Number.POSITIVE_INFINITY);
  });

  it('tells all its mistakes at once', () => {
    const text = [
      'name: s',
      'load:',
      '  - { scenario: gateway-intentions, stages: [{ to: 10/s, in: 5s }] }',
      'warmup: 5s',
      'shape:',
      '  - { name: Smoke, at: 10, for: 1s }',
      '  - { name: ramp, too: 150%, in: 10s }',
      '  - { name: breakpoint, from: 100%, to: 110%, by: 20%, each: 10s, while: gateway.intention p99 < 500ms }',
      '',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'c.yaml:3:45: load.stages: expected a constant rate together with shape, whose segments scale it.',
      'c.yaml:4:9: warmup: expected no such key together with shape: use a segment, or a separate campaign for faults.',
      'c.yaml:6:3: shape: expected a segment named baseline, by which the generator is judged, got none.',
      'c.yaml:6:13: shape.name: expected lower-case letters, digits and dashes, got "Smoke".',
      'c.yaml:6:24: shape.at: expected a share of the rates from 1% to 10000%, such as 150%, got 10.',
      'c.yaml:6:33: shape.for: expected a duration of at least 2s, such as 30s, got "1s".',
      'c.yaml:7:5: shape.to: expected a share of the rates from 1% to 10000%, such as 150%, got nothing.',
      'c.yaml:7:19: shape key: expected one of name, to, in, got "too". Did you mean to?',
      'c.yaml:8:5: breakpoint: expected 2 to 50 steps between from and to, got 1.',
      'c.yaml:8:74: shape.while: expected a flow: gateway.intentions, got "gateway.intention". Did you mean gateway.intentions?',
    ]);
  });

  it('lets objectives name its segments, and a capacity only where one is searched', () => {
    const shape = `shape:
  - { name: baseline, at: 100%, for: 20s }
  - { name: breakpoint, from: 100%, to: 200%, by: 50%, each: 10s, while: gateway.intentions p99 < 500ms }
`;
    const of = (objective: string) => problemsOf(`name: s\n${LOAD}${shape}objectives:\n  - ${objective}\n`);
    expect(of('gateway.intentions capacity >= 120/s in breakpoint')).toEqual([]);
    expect(of('gateway.intentions p99 < 1s in breakpoint:150%')).toEqual([]);
    expect(of('gateway.intentions capacity >= 120/s in baseline')).toEqual([
      'c.yaml:8:45: objective: expected a segment with `while`: breakpoint, got "baseline".',
    ]);
    expect(of('gateway.intentions capacity < 120/s in breakpoint')).toEqual([
      'c.yaml:8:33: objective: expected >= or > for this indicator, got "<".',
    ]);
  });
});

describe('repeated faults', () => {
  const text = `name: r\n${LOAD}repeat: 3\nfaults:\n  - noop: { for: 1s }\n  - kill-pod: { service: hive }\n`;

  it('are interleaved, named by their round, and each round draws by a seed of its own', () => {
    const plan = planOf(fileOf(text));
    expect(plan.faults.map((fault) => [fault.name, fault.round, fault.seed])).toEqual([
      ['noop', 1, 7],
      ['kill-pod', 1, 7],
      ['noop@2', 2, 8],
      ['kill-pod@2', 2, 8],
      ['noop@3', 3, 9],
      ['kill-pod@3', 3, 9],
    ]);
  });

  it('come a whole number of times', () => {
    expect(problemsOf(text.replace('repeat: 3', 'repeat: 0'))).toEqual([
      'c.yaml:4:9: repeat: expected a whole number of rounds from 1 to 100, got 0.',
    ]);
  });
});
