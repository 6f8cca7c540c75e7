import { describe, expect, it } from 'vitest';
import type { AbortCondition } from '../../../../src/core/objective.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import type { LoadShape } from '../../../../src/core/shape.ts';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { dataRetention, windowRetention } from '../../../../src/run/story/retention.ts';

const load: Plan['load'] = [
  {
    scenario: 'gateway-intentions',
    script: '/x.ts',
    env: {},
    flows: ['a', 'b'].map((flow, index) => ({
      ...{ flow, executor: flow, vus: 1, worstStallMs: ms(2000 + index * 3000) },
      schedule: { startRate: perSecond(1), stages: [] },
    })),
  },
];
const condition = (forMs: number): AbortCondition => ({
  ...{ text: '', flow: 'a', comparison: '>', limit: 0.5, forMs },
  indicator: { kind: 'failed' },
});
const shape = (search: readonly string[]): LoadShape => ({
  steps: ['up', 'stairs:1', 'stairs:2'].map((phase, index) => ({
    ...{ phase, from: 1, to: 1, lengthMs: ms(600_000 + index * 60_000) },
  })),
  search: { segment: 'stairs', flow: 'a', conditions: [], phases: search },
});

describe('how long a run keeps its past in memory', () => {
  it('is the baseline and the time in which its last arrivals settle', () => {
    expect(dataRetention({ load, baselineMs: ms(60_000) })).toBe(100_000);
    expect(dataRetention({ load: [], baselineMs: ms(0) })).toBe(30_000);
  });

  it('is for windows the longest condition, twice the longest wait of a client, and the look back', () => {
    expect(windowRetention({ load, abort: [condition(5000), condition(60_000)], shape: null })).toBe(100_000);
  });

  it('is for windows the longest step of a search, however long; other steps are not asked for', () => {
    expect(windowRetention({ load, abort: [], shape: shape(['stairs:1', 'stairs:2']) })).toBe(720_000);
    expect(windowRetention({ load, abort: [], shape: shape(['stairs:1']) })).toBe(660_000);
  });

  it('is nothing where no window is asked for', () => {
    expect(windowRetention({ load, abort: [], shape: null })).toBe(0);
  });
});
