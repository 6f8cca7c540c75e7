import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { FlowPhase, ObjectiveResult, ObjectiveStatus } from '../../../src/core/result.ts';
import { judgeCapacity } from '../../../src/measure/judge-capacity.ts';
import { GENERATOR_LIMITS } from '../../../src/measure/judge-generator.ts';
import { flowPhase } from './facts.ts';

const condition: Objective = {
  name: 'g p99 < 500ms',
  flow: 'g',
  indicator: { kind: 'quantile', clock: 'response', quantile: 0.99 },
  comparison: '<',
  limit: 500,
  scope: { kind: 'phase', phase: 'breakpoint' },
  source: null,
};

/** Steps of 100, 120, ... per second, each with the answer of its one condition. */
function search(
  answers: readonly ObjectiveStatus[],
  more: (step: number) => Partial<FlowPhase> = () => ({}),
) {
  const phases = answers.map((_, index) => `breakpoint:${100 + index * 20}%`);
  const asked = { segment: 'breakpoint', flow: 'g', conditions: [condition], phases };
  return judgeCapacity(
    asked,
    (phase) => {
      const rate = 100 + phases.indexOf(phase) * 20;
      return flowPhase({ dueRate: rate, attainedRate: rate, ...more(phases.indexOf(phase)) });
    },
    ({ scope }) => {
      const index = phases.indexOf(scope.kind === 'phase' ? scope.phase : '');
      return { status: answers[index] } as ObjectiveResult;
    },
    GENERATOR_LIMITS,
  );
}

describe('the capacity that a search found', () => {
  it('is the highest step up to which every step held', () => {
    expect(search(['PASS', 'PASS', 'FAIL'])).toMatchObject({ highest: 120, ceiling: 140 });
  });

  it('does not count a step that held by luck above one that did not', () => {
    expect(search(['PASS', 'FAIL', 'PASS', 'PASS'])).toMatchObject({ highest: 100, ceiling: 120 });
  });

  it('is open at the top when nothing was missed, and unknown when the first step was not sure', () => {
    expect(search(['PASS', 'PASS'])).toMatchObject({ highest: 120, ceiling: null });
    expect(search(['INCONCLUSIVE', 'FAIL'])).toMatchObject({ highest: null, ceiling: 120 });
    expect(search(['NO-DATA']).steps[0]?.status).toBe('unclear');
  });

  it('does not blame the target for a generator that was late', () => {
    const late = search(['PASS', 'FAIL'], (step) =>
      step === 1 ? { latenessMs: { p50: 60, p90: 60, p95: 60, p99: 60, p999: 60, max: 60 } } : {},
    );
    expect(late).toMatchObject({ highest: 100, ceiling: null });
    expect(late.steps[1]?.status).toBe('generator-limited');
  });

  it('counts a step with dropped arrivals as missed although its answers were fast', () => {
    const dropping = search(['PASS', 'PASS'], (step) => (step === 1 ? { attainedRate: 110 } : {}));
    expect(dropping).toMatchObject({ highest: 100, ceiling: 120 });
  });

  it('takes the limits of the generator as still good', () => {
    const at50 = { latenessMs: { p50: 1, p90: 1, p95: 1, p99: 50, p999: 60, max: 60 } };
    expect(search(['PASS'], () => at50).highest).toBe(100);
    expect(search(['PASS'], () => ({ attainedRate: 99 })).highest).toBe(100);
    const nothing = { latenessMs: { p50: null, p90: null, p95: null, p99: null, p999: null, max: null } };
    expect(search(['PASS'], () => nothing).highest).toBe(100);
  });

  it('leaves out steps that were never reached', () => {
    const reached = search(['PASS', 'PASS'], (step) => (step === 1 ? { due: 0 } : {}));
    expect(reached.steps).toHaveLength(1);
    expect(reached).toMatchObject({ highest: 100, ceiling: null });
  });
});

describe('a step of failures', () => {
  const failing = (share: number) => (step: number) => (step === 1 ? { failed: 1500 * share } : {});

  it('is missed, whatever passed on it', () => {
    expect(search(['PASS', 'PASS'], failing(1))).toMatchObject({ highest: 100, ceiling: 120 });
    expect(search(['PASS', 'PASS'], failing(0.06)).steps[1]?.status).toBe('missed');
    expect(search(['PASS', 'PASS'], failing(0.05)).highest).toBe(120);
  });
});
