/** `gauntlet runbook`: the page for people, before and after. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Outcome } from './outcome.ts';

const added = (name: string, earlier: readonly string[] = []): readonly string[] => {
  if (name.trim() === '') throw new InvalidArgumentError('It is empty.');
  return [...earlier, name];
};

export function addRunbook(program: Command, outcome: Outcome): void {
  program
    .command('runbook')
    .summary('the page for people: before a run from its plan, after it from its folder')
    .description(
      'Before: prints what a campaign would do (hypotheses, victims, who else uses them, timers, undo, abort limits) and the facts it needs, each checked now; touches nothing; exit 77 when a fact is missing. After: prints what was observed against what was expected, with receipts; exits with the verdict.',
    )
    .argument('<what>', 'campaign file or name, or a run folder of `gauntlet run`')
    .option('--target <target>', 'before: target name or file (default: that of the campaign)')
    .option('--seed <number>', 'before: seed of every random choice (default: a new one, printed)')
    .option('--approved-by <name>', 'before: who approved it; can be given several times', added)
    .option('--executed-by <name>', 'with --format nhm: who ran it')
    .addOption(
      new Option('--format <format>', 'md: Markdown; nhm: the game-day report gd-… as JSON, after a run only')
        .choices(['md', 'nhm'])
        .default('md'),
    )
    .option('--out <file>', 'write to this file instead of stdout')
    .action(async (what: string, options) => {
      const { runbookCommand } = await import('./commands/runbook.ts');
      outcome.exitCode = await runbookCommand(what, options);
    });
}
