/**
 * The rule of a gate, in one place: the `gate:` block of the campaign, the flags over it, and the level that
 * earlier attempts have left.
 */
import { type GateFlags, gateWithFlags } from '../../config/gate-flags.ts';
import type { Campaign } from '../../config/read-campaign.ts';
import type { GateAttempt, GateRule } from '../../core/gate.ts';
import type { RecoveryRule } from '../../core/gate-recovery.ts';
import type { Ms } from '../../core/units.ts';

/** In points: half an arrival in a hundred. */
const FAILED_FIND = 0.005;

export interface GateAsked {
  readonly rule: GateRule;
  /** The longest time for the load; null: that of the last look. */
  readonly budgetMs: Ms | null;
  /** For the faults of the campaign, where it has some. */
  readonly recovery: RecoveryRule;
}

/** A level that earlier attempts have used up is gone. @param attempt of {@link GateAsked.rule}'s level. */
export const atAttempt = (
  asked: GateAsked,
  attempt: GateAttempt,
): GateAsked & { readonly attempt: GateAttempt } => ({
  ...asked,
  rule: { ...asked.rule, alpha: attempt.alpha / attempt.number },
  attempt,
});

/** @throws usage with everything in the flags that is wrong. */
export function gateRule(campaign: Campaign, flags: GateFlags): GateAsked {
  const flows = campaign.load.flatMap((one) => one.flows);
  const gate = gateWithFlags(campaign.gate, flags, flows);
  const { find, allow, metrics, blockMs, settleMs, looks, alpha, budgetMs, recovery } = gate;
  const rule: GateRule = {
    ...{ metrics, alpha, looks, blockMs, settleMs },
    times: { allow, find },
    failed: { allow: 0, find: FAILED_FIND },
  };
  return { rule, budgetMs, recovery };
}
