/** A run's folder → what the renderers are given. */
import type { ReportInput } from '../report/input.ts';
import { type Assembled, assembleRun } from './assemble.ts';

export const readReportInput = (runDir: string): ReportInput => reportInputOf(assembleRun(runDir));

export function reportInputOf({ result, plan, events, stored }: Assembled): ReportInput {
  const flows = plan.load.flatMap((one) => one.flows.map((flow) => flow.flow));
  return {
    result,
    plan,
    series: Object.fromEntries(flows.map((flow) => [flow, stored.data.series(flow)])),
    events,
  };
}
