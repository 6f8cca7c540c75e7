/** The audits of a run: before its load and after its last recovery. They only list. */
import type { AuditSideName } from '../../core/audit.ts';
import { makeAudit } from '../audit/make-audit.ts';
import type { OpenRun } from './open-run.ts';
import { present } from './run-end.ts';

export async function auditNow(run: OpenRun, side: AuditSideName): Promise<void> {
  const { plan, clock, stopped } = run;
  if (plan.audit === undefined) return;
  const audit = await makeAudit({
    acts: present(run.platform.audit, 'an audit'),
    rules: plan.audit.rules,
    ...{ clock, signal: stopped },
    tell: (text) => run.report({ kind: 'step', text }),
  });
  run.report({ kind: 'audited', side, audit });
}
