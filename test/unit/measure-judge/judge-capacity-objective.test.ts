import { describe, expect, it } from 'vitest';
import type { Capacity, CapacityStep } from '../../../src/core/result.ts';
import { judge } from './judge-text.ts';

describe('an objective on the capacity', () => {
  const step = (phase: string, rate: number, status: CapacityStep['status']): CapacityStep => ({
    phase,
    rate,
    status,
    conditions: [],
  });
  const found = (highest: number | null, ceiling: number | null): Capacity => ({
    segment: 'breakpoint',
    flow: 'g',
    conditions: ['g p99 < 500ms'],
    highest,
    ceiling,
    steps: [step('breakpoint:100%', 100, 'held'), step('breakpoint:120%', 120, 'missed')],
  });
  const of = (...capacity: Capacity[]) => judge('g capacity >= 100/s in breakpoint', { capacity });

  it('passes when a step at the limit held for certain, and fails when the limit itself was missed for certain', () => {
    expect(of(found(100, 120))).toMatchObject({ status: 'PASS', observed: 100, interval: [100, 120] });
    expect(of(found(80, 90)).status).toBe('FAIL');
    expect(of(found(null, 90))).toMatchObject({
      status: 'FAIL',
      observed: null,
      interval: null,
      note: 'not even the first step held for certain',
    });
  });

  it('is inconclusive between the step that held and the one that did not', () => {
    expect(of(found(90, 110)).status).toBe('INCONCLUSIVE');
    expect(of(found(90, null))).toMatchObject({
      status: 'INCONCLUSIVE',
      interval: null,
      note: 'no step up to 120.0/s missed a condition for certain',
    });
  });

  it('has no data when the search was never reached', () => {
    expect(of()).toMatchObject({ status: 'NO-DATA', note: 'the search was never reached' });
    expect(of({ ...found(100, 120), steps: [] }).status).toBe('NO-DATA');
    expect(of({ ...found(100, 120), flow: 'other' }).status).toBe('NO-DATA');
    expect(of({ ...found(100, 120), segment: 'other' }).status).toBe('NO-DATA');
  });
});
