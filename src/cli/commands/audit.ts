/**
 * `gauntlet audit <target>`: what its namespaces show, now. Exit 0 when no kind exceeds what the system file
 * accepts, 1 when one does, 3 when there was nothing to look at.
 */
import { VERDICT_EXIT } from '../../core/verdict.ts';
import { judgeAudit } from '../../measure/audit/judge-audit.ts';
import { oneAuditText } from '../../report/audit-text.ts';
import { auditTarget } from '../../run/audit/audit-target.ts';
import { cliContext } from '../terminal/context.ts';
import { untilSignal } from '../terminal/signals.ts';

export async function auditCommand(given: string, options: { readonly json?: boolean }): Promise<number> {
  const cli = cliContext();
  const { signal } = untilSignal(cli.note);
  const { target, reading, rules } = await auditTarget(given, cli.places, signal, cli.note);
  const goal = { name: 'audit clean', kind: 'clean', source: null } as const;
  const sides = { before: null, after: reading, worse: [], gone: [], most: rules.most };
  const { status, note } = judgeAudit(goal, sides);
  if (options.json === true) cli.json({ target, status, audit: reading, most: rules.most });
  else {
    // A pipe has no width: whole names and reasons matter more there.
    const width = cli.interactive ? Math.max(72, cli.width) : 200;
    cli.frame(oneAuditText(reading, rules, { width, color: cli.color }));
    cli.out(`Audit: ${status === 'PASS' ? 'clean' : `${status}${note === null ? '' : `, ${note}`}`}`);
  }
  return VERDICT_EXIT[status];
}
