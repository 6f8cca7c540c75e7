/** `gauntlet history …`: what is done with the nights that `gauntlet nightly` has added. */
import { type Command, Option } from 'commander';
import type { Outcome } from './outcome.ts';

export function addHistory(program: Command, outcome: Outcome): void {
  const history = program
    .command('history')
    .summary('the nights of a history: list, add, verify, pin, quarantine, export')
    .description('A history has one record a night, written once and never changed.');
  addList(history, outcome);
  addAdd(history, outcome);
  addVerify(history, outcome);
  addPin(history, outcome);
  addQuarantine(history, outcome);
  addExport(history, outcome);
  addPage(history, outcome);
}

export const WHERE = 'folder of the history, or git:BRANCH, or git:BRANCH@REMOTE';
const campaignOption = (): Option => new Option('--campaign <name>', 'only its nights');
const environmentOption = (): Option =>
  new Option('--environment <key>', 'only nights of this environment, by its key');
const jsonOption = (): Option =>
  new Option('--json', 'print the result as JSON on stdout, everything else on stderr');

function addList(history: Command, outcome: Outcome): void {
  history
    .command('list')
    .summary('one line a night')
    .description('Lists the nights, oldest first: when, verdict, first reason, the digits that name it.')
    .argument('<where>', WHERE)
    .addOption(campaignOption())
    .addOption(environmentOption())
    .option('--last <number>', 'at most so many of each campaign and environment, the latest', '30')
    .addOption(jsonOption())
    .action(async (where: string, options) => {
      const { historyListCommand } = await import('./commands/history/list.ts');
      outcome.exitCode = await historyListCommand(where, options);
    });
}

function addAdd(history: Command, outcome: Outcome): void {
  history
    .command('add')
    .summary('add a run as a night')
    .description(
      'Judges a run folder from disk and adds it as a night, after quarantine. A run that is there already is not added again.',
    )
    .argument('<where>', WHERE)
    .argument('<run-dir>', 'a run folder of `gauntlet run`')
    .option('--report-url <url>', 'where the folder will be found, for the record (default: the folder)')
    .addOption(jsonOption())
    .action(async (where: string, runDir: string, options) => {
      const { historyAddCommand } = await import('./commands/history/add.ts');
      outcome.exitCode = await historyAddCommand(where, runDir, options);
    });
}

function addVerify(history: Command, outcome: Outcome): void {
  history
    .command('verify')
    .summary('whether every record is whole and unchanged')
    .description(
      'Reads every record: its content has the hash in its name, its place is its own, no run has two. Exit 1 when one is damaged; each is named.',
    )
    .argument('<where>', WHERE)
    .option('--rebuild-index', 'write index.ndjson of a sound folder again; it is derived')
    .addOption(jsonOption())
    .action(async (where: string, options) => {
      const { historyVerifyCommand } = await import('./commands/history/verify.ts');
      outcome.exitCode = await historyVerifyCommand(where, options);
    });
}

function addPin(history: Command, outcome: Outcome): void {
  history
    .command('pin')
    .summary('set the night that later ones are compared with')
    .description(
      'Pins a night as the reference of its campaign and environment, so that a slow decline is found. Earlier pins stay on record.',
    )
    .argument('<where>', WHERE)
    .argument('<night>', 'its id, its run, or at least 6 of the 12 digits at the end of the id')
    .option('--remove', 'it is no longer pinned, and no other is')
    .option('--reason <text>', 'why this one')
    .option('--by <name>', 'who decided it (default: $USER)')
    .action(async (where: string, night: string, options) => {
      const { historyPinCommand } = await import('./commands/history/pin.ts');
      outcome.exitCode = await historyPinCommand(where, night, options);
    });
}

function addQuarantine(history: Command, outcome: Outcome): void {
  history
    .command('quarantine')
    .summary('what does not decide for a time: enter, list, lift')
    .description(
      'Enters a fault × service level that passes and fails on the same versions: it is run and reported, and does not decide. Needs an owner, a reason and an end; exit 77 with the nights when they do not allow it.',
    )
    .argument('<where>', WHERE)
    .option('--fault <name>', 'the fault, as in the campaign')
    .option('--sli <name>', 'the service level after it, such as "checkout failed", or held, or fresh')
    .option('--owner <name>', 'who mends it')
    .option('--reason <text>', 'why it fails at times')
    .option('--until <day>', 'its last day, at most 30 days from now')
    .addOption(campaignOption())
    .addOption(environmentOption())
    .option('--list', 'print the entries, with what their nights said since')
    .option('--lift', 'it decides again; needs 7 passes in a row')
    .addOption(jsonOption())
    .action(async (where: string, options) => {
      const { historyQuarantineCommand } = await import('./commands/history/quarantine.ts');
      outcome.exitCode = await historyQuarantineCommand(where, options);
    });
}

function addExport(history: Command, outcome: Outcome): void {
  history
    .command('export')
    .summary('nights or series, for a notebook')
    .description(
      'Prints one row for each series and night, or for each night. A night without a value is a row with its gap.',
    )
    .argument('<where>', WHERE)
    .addOption(new Option('--of <what>', 'what a row is').choices(['series', 'nights']).default('series'))
    .addOption(
      new Option('--format <format>', 'ndjson has whole records').choices(['csv', 'ndjson']).default('csv'),
    )
    .option('--out <file>', 'write to this file instead of stdout')
    .addOption(campaignOption())
    .addOption(environmentOption())
    .action(async (where: string, options) => {
      const { historyExportCommand } = await import('./commands/history/export.ts');
      outcome.exitCode = await historyExportCommand(where, options);
    });
}

function addPage(history: Command, outcome: Outcome): void {
  history
    .command('page')
    .summary('a static page of the nights for a browser')
    .description(
      'Writes one folder (index.html, its style, script and numbers) that opens from disk and from any web server. Reports of nights that were copied earlier stay.',
    )
    .argument('<where>', WHERE)
    .requiredOption('--out <folder>', 'a folder of its own: new, empty, or with an earlier page')
    .option(
      '--runs <folder...>',
      'run folders, or folders of them: their reports are copied to nights/<run>/report.html',
    )
    .addOption(campaignOption())
    .addOption(environmentOption())
    .addOption(jsonOption())
    .action(async (where: string, options) => {
      const { historyPageCommand } = await import('./commands/history/page.ts');
      outcome.exitCode = await historyPageCommand(where, options);
    });
}
