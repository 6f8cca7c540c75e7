/** The last seconds of each flow, for people who watch. */
import type { FlowLoad } from '../../core/load-plan.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import type { LiveData } from '../../measure/live-data.ts';
import type { FlowGlance } from './request.ts';

export function glances(flows: readonly FlowLoad[], load: LoadSession, data: LiveData): FlowGlance[] {
  const live = load.live();
  return flows.flatMap(({ flow }): FlowGlance[] => {
    const one = live.get(flow);
    if (!one) return [];
    return [
      {
        flow,
        targetRate: one.dueRate,
        attained: one.attainedRate,
        p50: one.p50,
        p95: one.p95,
        p99: one.p99,
        failedRatio: one.failedRatio ?? 0,
        droppedTotal: data.dropped(flow),
      },
    ];
  });
}
