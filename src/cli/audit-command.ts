/** `gauntlet audit`: its words and options. */
import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';

export function addAudit(program: Command, outcome: Outcome): void {
  program
    .command('audit')
    .summary('list what the namespaces of a target on Kubernetes show to be wrong')
    .description(
      'Lists pods, workloads and Services, and names what the audit of the system does not accept: crash loops, orphans and so on, by owner. It changes nothing. Exit 1 when a kind exceeds what is accepted.',
    )
    .argument('<target>', 'target name (targets/<name>.yaml) or path of a target file')
    .option('--json', 'print the result as JSON on stdout, everything else on stderr')
    .action(async (target: string, options: { readonly json?: boolean }) => {
      const { auditCommand } = await import('./commands/audit.ts');
      outcome.exitCode = await auditCommand(target, options);
    });
}
