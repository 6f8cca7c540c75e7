import { expect, it } from 'vitest';
import type { GatePlan } from '../../../../src/core/gate.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { ms } from '../../../../src/core/units.ts';
import { gatePlanText } from '../../../../src/run/gate/gate-plan-text.ts';

it('the plan of a gate says who is compared, by which rule, how long it takes and what is known', () => {
  const gate: GatePlan = {
    metrics: (['failed', 'p99'] as const).map((quantity) => ({ flow: 'gateway.intentions', quantity })),
    times: { allow: 0.025, find: 0.1 },
    failed: { allow: 0, find: 0.005 },
    ...{ alpha: 0.05 / 3, looks: [3, 4], blockMs: ms(10_000), settleMs: ms(3000), leadMs: ms(10_000) },
    ...{ baseline: 'blue', candidate: 'green', order: ['AB', 'BA', 'BA', 'AB', 'AB'] },
  };
  const plan = { gate, longestMs: ms(140_000), notes: ['attempt 3: level 1.7 %'] } as unknown as Plan;
  expect(gatePlanText(plan, ['  faults  kill-pod'])).toBe(
    [
      'Gate: green against blue',
      '  gated   gateway.intentions failed, gateway.intentions P99',
      '  finds   +10 %, allows +2.5 %; level 1.67 %',
      '  pairs   looks at 3, 4; up to 1 more replace dropped ones',
      '  blocks  10 s behind 3 s of settling',
      '  order   AB BA BA AB AB',
      '  faults  kill-pod',
      '  takes   at most 2 min 20 s; it stops as soon as it knows',
      '  attempt 3: level 1.7 %',
    ].join('\n'),
  );
});
