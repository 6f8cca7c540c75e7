/** What `--dry-run` prints: what would be done, to whom, for how long, and how it would be undone. Touches nothing. */
import { faultNamed } from '../chaos/registry.ts';
import type { Plan, PlannedFault } from '../core/plan.ts';
import { formatMs } from '../core/units.ts';
import type { TargetFile } from '../targets/target-file.ts';

export function dryRunText(plan: Plan, target: TargetFile): string {
  const load = plan.load.flatMap(({ scenario, flows }) =>
    flows.map(({ flow, schedule, vus, worstStallMs }) => {
      const rate =
        schedule.stages.length === 0 ? `${schedule.startRate}/s` : `${schedule.stages.length} stages`;
      return `  ${flow} (${scenario}): ${rate}, ${vus} VUs, gives up after ${formatMs(worstStallMs)}`;
    }),
  );
  const faults = plan.faults.flatMap(describeFault);
  const { optIn, protected: kept, hours } = target.policy;
  return [
    `Plan of campaign ${plan.campaign} on target ${plan.target} (${target.platform}), seed ${plan.seed}. Nothing was touched.`,
    `Policy: faults ${optIn ? 'allowed' : 'REFUSED (policy.optIn is not true)'}, protected: ${kept.join(', ') || 'nothing'}, hours: ${hours}`,
    'Load:',
    ...load,
    `Warm-up ${formatMs(plan.warmupMs)}, baseline ${formatMs(plan.baselineMs)}`,
    plan.faults.length === 0 ? 'No faults.' : 'Faults, one after another:',
    ...faults,
    `Recovery: back for ${formatMs(plan.recovery.holdMs)}, at most ${formatMs(plan.recovery.timeoutMs)} each`,
    ...plan.abort.map((one) => `Aborts when ${one.text}`),
    'Objectives:',
    ...plan.objectives.map((one) => `  ${one.name}${one.source === null ? '' : `   (${one.source})`}`),
    `At most ${formatMs(plan.longestMs)} in all.`,
  ].join('\n');
}

/** One fault before it is chosen whom it hits: what it needs and how it is undone. */
export function describeFault(fault: PlannedFault): readonly string[] {
  const kind = faultNamed(fault.kind);
  return [
    `  ${fault.name}: ${fault.written}`,
    `    held: ${fault.holdMs === null ? 'over when done' : formatMs(fault.holdMs)}; victim chosen when it fires`,
    `    needs: ${kind.permissions.join(', ') || 'nothing'}`,
    `    undo: ${kind.undone}`,
  ];
}
