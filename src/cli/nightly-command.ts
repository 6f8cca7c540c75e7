/** `gauntlet nightly`: its options. */
import { type Command, Option } from 'commander';
import type { Outcome } from './outcome.ts';

const collected = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** @param exitCodes as every command that gives a verdict explains them. */
export function addNightly(program: Command, outcome: Outcome, exitCodes: string): void {
  program
    .command('nightly')
    .summary('run a campaign, add the night to a history, and judge the trend')
    .description(
      'Undoes what dead runs left, asks the doctor, runs a campaign, adds the night to a history, compares it with the nights before, and publishes the history. Every night is a record, a failed or interrupted one too. FAIL: the night failed, a series is confirmed to be worse, or the pinned night is exceeded.',
    )
    .argument('<campaign>', 'campaign file or name; its rates are fixed')
    .requiredOption('--history <where>', 'folder of the history, or git:BRANCH')
    .option('--bootstrap', 'begin a new history where none is (without it a missing one is an error)')
    .option('--target <target>', 'target name (targets/<name>.yaml) or path of a target file')
    .addOption(
      new Option(
        '--subject <service=version>',
        'what is tested, such as web=sha256:12ab; once for each service',
      ).argParser(collected),
    )
    .option('--out <run-dir>', 'the folder of the run (default: reports/<time>-<campaign>-<short id>)')
    .option(
      '--report-url <url>',
      'where the folder of the run will be found, for the record (default: the folder itself)',
    )
    .option(
      '--reference <target>',
      'a target with a reference version that is up beside it: compared in alternating blocks after the run, by the `gate:` block of the campaign',
    )
    .option('--page <folder>', 'write the history page there: a static folder with all nights')
    .option('--seed <number>', 'seed of every random choice (default: a new one, printed)')
    .option(
      '--scale <factor>',
      'multiplies every arrival rate of the campaign: another one is another series',
      '1',
    )
    .option(
      '--yes',
      'do not ask before load is sent to, or faults are injected into, a target that is not the sandbox',
    )
    .option('--json', 'print the night and its trend as JSON on stdout, everything else on stderr')
    .addHelpText('after', exitCodes)
    .action(async (campaign: string, options) => {
      const { nightlyCommand } = await import('./commands/nightly.ts');
      outcome.exitCode = await nightlyCommand(campaign, options);
      outcome.isVerdict = true;
    });
}
