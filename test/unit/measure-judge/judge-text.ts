/** An objective as its text, judged by the few facts that a test is about. */

import { parseObjective } from '../../../src/config/objective-line.ts';
import type { Capacity, FaultRecord, FlowPhase } from '../../../src/core/result.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import type { LatencyHistogram } from '../../../src/measure/latency-histogram.ts';
import { flowPhase } from './facts.ts';

export const known = {
  flows: ['g'],
  phases: ['baseline', 'fault:kill-pod', 'recovery:kill-pod', 'fault:kill-pod+b', 'recovery:kill-pod+b'],
  faults: ['kill-pod', 'b'],
  searches: ['breakpoint'],
};

export function judge(
  text: string,
  facts: {
    phase?: Partial<FlowPhase>;
    times?: LatencyHistogram;
    faults?: readonly FaultRecord[];
    capacity?: readonly Capacity[];
  } = {},
) {
  const parsed = parseObjective(text, known);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return judgeObjective(
    { ...parsed.value, source: 'a.yaml' },
    {
      flowPhase: () => flowPhase(facts.phase),
      histogram: () => facts.times,
      capacity: facts.capacity ?? [],
      windows: () => undefined,
      faults: facts.faults ?? [],
    },
  );
}
