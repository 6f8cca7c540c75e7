/** One audit of a target by itself, without a run: it only lists. */
import type { AuditReading, AuditRules } from '../../core/audit.ts';
import { GauntletError } from '../../core/errors.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { Places } from '../../system/places.ts';
import { namedTarget } from '../open/names.ts';
import { openRunningTarget } from '../open/open-target.ts';
import { auditRulesOf } from './audit-rules.ts';
import { makeAudit } from './make-audit.ts';

export interface TargetAudit {
  readonly target: string;
  readonly reading: AuditReading;
  readonly rules: AuditRules;
}

/**
 * @throws usage for a target without audits, refused for missing permissions, unavailable when it cannot be
 * made.
 */
export async function auditTarget(
  given: string,
  places: Places,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<TargetAudit> {
  const target = namedTarget(given);
  const rules = auditRulesOf(target);
  const opened = await openRunningTarget(target, places);
  try {
    const { audit: acts, guard } = opened.platform;
    const missing = (await guard?.refusals([], ['audit.list'])) ?? [];
    if (missing.length > 0) throw new GauntletError('refused', missing);
    if (acts === undefined) throw new Error(`target ${target.name} offers no audit`);
    const side = await makeAudit({ acts, rules, clock: monotonicClock, signal, tell });
    if (side.kind === 'read') return { target: target.name, reading: side, rules };
    const problem = {
      subject: `audit of ${target.name}`,
      expected: 'lists of its namespaces',
      got: side.why,
    };
    throw new GauntletError('unavailable', [problem]);
  } finally {
    await opened.close();
  }
}
