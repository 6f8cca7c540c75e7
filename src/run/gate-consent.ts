/**
 * What both targets of a gate allow, asked before either is touched: the load of each for the whole time, and
 * each fault on each side. All reasons of both at once.
 */
import type { FaultPlan } from '../chaos/fault.ts';
import type { TargetFile } from '../config/read-target.ts';
import { GauntletError, type Problem } from '../core/errors.ts';
import type { GateSide } from '../core/gate.ts';
import type { FaultInRound, Plan } from '../core/plan.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import { checkConsent } from './open/consent.ts';
import { loadProblems } from './open/load-consent.ts';
import type { OpenTarget } from './open/opened.ts';
import { type Asked, guarded, worldOf } from './prepare.ts';

/** The campaign on one of both targets. */
export interface SidePlan {
  readonly target: TargetFile;
  readonly plan: Plan;
}

export type BothSides<Value> = Readonly<Record<GateSide, Value>>;

/** By side whom each fault of the campaign would hit now; null: that target is not up. */
export type VictimsNow = BothSides<readonly FaultPlan[] | null>;

/**
 * @param joined the plan of the gate. @param consentOnly see preflightFaults.
 * @throws usage, refused.
 */
export async function askBoth(
  sides: BothSides<SidePlan>,
  joined: Plan,
  request: Pick<Asked, 'places' | 'seed'>,
  consentOnly: boolean,
): Promise<VictimsNow> {
  return await eachSide(async (side) => {
    const { target, plan } = sides[side];
    const asked = { ...plan, longestMs: joined.longestMs };
    if (asked.faults.length > 0) return await guarded(asked, target, request, consentOnly);
    const problems = loadProblems(asked, target, monotonicClock.wall());
    if (problems.length > 0) throw new GauntletError('refused', problems);
    return [];
  });
}

/** The guards of faults once more, about both targets as they are now. @throws usage, refused. */
export async function askBothOpen(
  sides: BothSides<SidePlan & { readonly opened: OpenTarget }>,
  joined: Plan,
  seed: number,
): Promise<void> {
  if (joined.faults.length === 0) return;
  await eachSide(async (side) => {
    const { target, plan, opened } = sides[side];
    const asked = { ...plan, faults: firstRound(plan), longestMs: joined.longestMs };
    await checkConsent(asked, target, worldOf(opened, seed), false);
  });
}

/** Every pair injects the same faults: what one of them may do all of them may. */
export const firstRound = ({ faults }: Plan): readonly FaultInRound[] =>
  faults.filter((one) => one.round === 1);

async function eachSide<Value>(ask: (side: GateSide) => Promise<Value>): Promise<BothSides<Value>> {
  const problems: Problem[] = [];
  const kinds = new Set<GauntletError['kind']>();
  const answers: Partial<Record<GateSide, Value>> = {};
  for (const side of ['baseline', 'candidate'] as const) {
    try {
      answers[side] = await ask(side);
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      kinds.add(error.kind);
      problems.push(...error.problems);
    }
  }
  if (problems.length === 0) return answers as BothSides<Value>;
  const each = new Map(problems.map((one) => [JSON.stringify(one), one]));
  const [first = 'refused'] = kinds;
  throw new GauntletError(kinds.has('usage') ? 'usage' : first, [...each.values()]);
}
