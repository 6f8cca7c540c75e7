/** The audits of a plan: their rules, and the time that they may take. */
import type { Campaign } from '../../config/read-campaign.ts';
import type { TargetFile } from '../../config/read-target.ts';
import type { Plan } from '../../core/plan.ts';
import { ms } from '../../core/units.ts';
import { auditRulesOf } from './audit-rules.ts';

/** Lists of a large namespace on a busy server. */
const LISTS_MS = 10_000;

/** @throws usage when an objective asks for an audit that this target cannot have. */
export function withAudit(plan: Plan, { goals }: Campaign, target: TargetFile): Plan {
  const { audit } = goals;
  if (audit.length === 0) return plan;
  const [first] = goals.auditPlaces;
  const rules = auditRulesOf(target, first ? { place: first } : {});
  const longer = (length: number): Plan['longestMs'] => ms(length + rules.pendingAfterMs + LISTS_MS);
  return {
    ...plan,
    audit: { goals: audit, rules },
    longestMs: longer(plan.longestMs),
    ...(plan.loadBoundMs !== undefined && { loadBoundMs: longer(plan.loadBoundMs) }),
  };
}
