/**
 * One audit of a target: lists its namespaces, and again while something may be over soon, such as a pod that
 * starts. What it still sees after `pendingAfter` counts.
 */
import type { AuditActs } from '../../core/acts/audit-acts.ts';
import type { AuditRules, AuditSide } from '../../core/audit.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { readAudit, unsettled } from '../../measure/audit/read-audit.ts';

const AGAIN_MS = ms(2000);

export interface AuditRequest {
  readonly acts: AuditActs;
  readonly rules: AuditRules;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told once what it waits for. */
  tell(text: string): void;
}

/** Never rejects because the cluster did not answer: that is a result. @throws interrupted, a defect. */
export async function makeAudit({ acts, rules, clock, signal, tell }: AuditRequest): Promise<AuditSide> {
  try {
    const end = clock.now() + rules.pendingAfterMs;
    let reading = readAudit(await acts.list(), rules);
    let isTold = false;
    for (;;) {
      const open = unsettled(reading, rules);
      if (open.length === 0 || clock.now() >= end) return reading;
      if (!isTold) tell(`the audit waits up to ${rules.pendingAfterMs / 1000} s for ${named(open)}`);
      isTold = true;
      await clock.sleep(AGAIN_MS, signal);
      reading = readAudit(await acts.list(), rules);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GauntletError && error.kind !== 'defect') {
      return { kind: 'failed', why: messageOf(error).replace(/\.$/, '') };
    }
    throw error;
  }
}

const NAMED = 3;

function named(findings: readonly { readonly kind: string; readonly owner: string }[]): string {
  const said = findings.slice(0, NAMED).map(({ kind, owner }) => `${owner} (${kind})`);
  const more = findings.length - said.length;
  return `${said.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
