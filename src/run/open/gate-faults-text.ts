/** The faults of a gate before it runs: how often, in which order, whom they hit on each side, how long. */
import type { FaultPlan } from '../../chaos/fault.ts';
import { stepsOf } from '../../core/fault-steps.ts';
import type { GateSide } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';
import { formatMs } from '../../core/units.ts';
import { describeFault, victimsNow } from './dry-run.ts';

/** @param victims by side, as things are now. */
export function gateFaultLines(
  { gate, faults, recovery, baselineMs }: Plan,
  victims: Readonly<Record<GateSide, readonly FaultPlan[] | null>>,
): readonly string[] {
  const plan = gate?.recovery;
  if (gate === undefined || plan === undefined) return [];
  const own = faults.filter((one) => one.round === 1 && one.side === 'candidate');
  const percent = (share: number): string => `+${Number((share * 100).toPrecision(3))} %`;
  const several = plan.faults.length > 1 ? ' each' : '';
  return [
    `  faults  ${plan.faults.map((one) => one.name).join(', ')}: ${plan.pairs} pairs${several}, after the blocks, order ${plan.order.join(' ')}`,
    `          both sides get their whole load meanwhile, first for a baseline of ${formatMs(baselineMs)}`,
    `          finds ${percent(plan.find)} and allows ${percent(plan.allow)} of the recovery of ${plan.flows.join(', ')}`,
    `          each side is watched until it is back for ${formatMs(recovery.holdMs)}, at most ${formatMs(recovery.timeoutMs)}`,
    ...stepsOf(own).flatMap(({ members }) =>
      members.flatMap((fault) => [
        ...describeFault({ ...fault, name: fault.name.split('@')[0] ?? fault.name }),
        ...(['baseline', 'candidate'] as const).flatMap((side) => [
          `    on the ${side}, ${gate[side]}:`,
          ...victimsNow(victims[side]?.[own.indexOf(fault)]).map((line) => `  ${line}`),
        ]),
      ]),
    ),
  ];
}
