/**
 * Every command, option and exit code on one page. Actions import their command only when it runs, so that
 * `gauntlet --help` stays fast and never loads Kafka, gRPC or histograms.
 */
import { Argument, Command, Option } from 'commander';
import { SCHEMA_KINDS } from '../run/files/schema-kinds.ts';
import { addAudit } from './audit-command.ts';
import { REPORT_FORMATS } from './commands/report-formats.ts';
import { examplesText } from './examples.ts';
import { addHistory } from './history-commands.ts';
import { addInit } from './init-command.ts';
import { addNightly } from './nightly-command.ts';
import type { Outcome } from './outcome.ts';
import { addProxy } from './proxy-command.ts';
import { addPush } from './push-command.ts';
import { addRunbook } from './runbook-command.ts';

export const EXIT_CODES = `
Exit codes:
  0 PASS          1 FAIL          2 INCONCLUSIVE   3 NO-DATA
  4 INVALID (generator or ledger)                  5 RESIDUE (a fault could not be proven removed)
  64 bad usage or config    69 a needed part is not available    70 defect in Gauntlet
  77 refused by policy      130 interrupted (and everything undone)
  The worst wins: RESIDUE, INVALID, NO-DATA, FAIL, INCONCLUSIVE, PASS.`;

export function buildProgram(version: string, outcome: Outcome): Command {
  const program = new Command('gauntlet')
    .description(
      'Chaos and load testing for services on k6, Kafka, Redis and Kubernetes: every pass is earned, every fault is undone.',
    )
    .version(version)
    .showHelpAfterError('(gauntlet --help lists the commands, gauntlet help <command> explains one)')
    .addHelpText('after', () => `${examplesText('')}\n${EXIT_CODES}`);
  addInit(program, outcome);
  addRun(program, outcome);
  addGate(program, outcome);
  addReport(program, outcome);
  addNightly(program, outcome, EXIT_CODES);
  addHistory(program, outcome);
  addRunbook(program, outcome);
  addPush(program, outcome);
  addFaults(program, outcome);
  addSandbox(program, outcome);
  addProxy(program, outcome);
  addAudit(program, outcome);
  addCompletion(program, outcome);
  for (const command of program.commands) addExamples(command, []);
  return program;
}

function addExamples(command: Command, above: readonly string[]): void {
  const path = [...above, command.name()];
  command.addHelpText('after', () => examplesText(path.join(' ')));
  for (const one of command.commands) addExamples(one, path);
}

function addCompletion(program: Command, outcome: Outcome): void {
  program
    .command('completion')
    .summary('print a script that completes commands in your shell')
    .description(
      'Prints a script for a shell: it completes commands, options, faults, campaigns and targets.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionCommand } = await import('./commands/completion.ts');
      outcome.exitCode = completionCommand(program, shell);
    });
}

const targetOption = (): Option =>
  new Option('--target <target>', 'target name (targets/<name>.yaml) or path of a target file');
const jsonOption = (): Option =>
  new Option('--json', 'print the result as JSON on stdout, everything else on stderr');
const yesOption = (): Option =>
  new Option(
    '--yes',
    'do not ask before load is sent to, or faults are injected into, a target that is not the sandbox',
  );

function addRun(program: Command, outcome: Outcome): void {
  program
    .command('run')
    .summary('run one campaign, end to end')
    .description(
      'Runs a campaign: load, faults, recovery, verdict. The plan is checked and written before anything is touched.',
    )
    .argument('<campaign>', 'campaign file, such as campaigns/demo.yaml, or the name of one in campaigns/')
    .addOption(targetOption())
    .option('--out <run-dir>', 'the folder of the run (default: reports/<time>-<campaign>-<short id>)')
    .option('--dry-run', 'resolve and print the plan (victims, timers, undo, permissions); touch nothing')
    .option('--seed <number>', 'seed of every random choice (default: a new one, printed)')
    .option('--scale <factor>', 'multiplies every arrival rate of the campaign, such as 2 or 0.5', '1')
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText('after', EXIT_CODES)
    .action(async (campaign: string, options) => {
      const { runCommand } = await import('./commands/run.ts');
      outcome.exitCode = await runCommand(campaign, options);
      outcome.isVerdict = true;
    });
}

function addGate(program: Command, outcome: Outcome): void {
  program
    .command('gate')
    .summary('compare a candidate with a baseline, side by side')
    .description(
      'Sends the load of a campaign to two targets that are up side by side, in alternating blocks, and says whether the candidate is worse: PASS, FAIL, or INCONCLUSIVE with what would decide it.',
    )
    .argument('<campaign>', 'campaign file or name; its load is sent at constant rates')
    .option('--baseline <target>', 'the version that is in use: target name or file')
    .option('--candidate <target>', 'the version that shall replace it: target name or file')
    .option('--aa', 'measure the noise of one target: it is baseline and candidate (A/A)')
    .option('--target <target>', 'with --aa: the target that is measured')
    .option('--rounds <number>', 'with --aa: so many gates one after another')
    .option(
      '--baseline-history <folder>',
      'instead of --baseline, where only one version can be up: folder of earlier runs of it (weaker)',
    )
    .option('--last <number>', 'with --baseline-history: at most so many runs, the latest (default: 20)')
    .option('--pin <run-id>', 'with --baseline-history: no run later than this one')
    .option(
      '--find <percent>',
      'a difference that must not be missed (default: 10%, or that of the campaign)',
    )
    .option(
      '--allow <percent>',
      'a difference up to which nothing fails (default: 0%, or that of the campaign)',
    )
    .option(
      '--metrics <list>',
      'at most six of p50, p90, p95, p99, failed; FLOW:p99 for another flow than the first (default: failed,p50,p95,p99, or those of the campaign)',
    )
    .option('--budget <duration>', 'the longest time for its load, such as 15m')
    .option(
      '--candidate-version <text>',
      'what is up at the candidate, such as a commit: gates of the same one are counted as attempts',
    )
    .option('--plan', 'print order, levels and length; touch nothing')
    .option('--out <run-dir>', 'where to write the run')
    .option(
      '--seed <number>',
      'seed of the order of blocks and of all payloads (default: a new one, printed)',
    )
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText('after', EXIT_CODES)
    .action(async (campaign: string, options) => {
      const { gateCommand } = await import('./commands/gate.ts');
      outcome.exitCode = await gateCommand(campaign, options);
      outcome.isVerdict = true;
    });
}

function addReport(program: Command, outcome: Outcome): void {
  program
    .command('report')
    .summary('rebuild the reports of a run from its folder, or say what a history says')
    .description(
      'Judges a run again from disk and rebuilds its reports; no target is touched. A killed run is judged too (as INVALID). Of a history it says what the nights say together, as text, md, prom, openmetrics or github.',
    )
    .argument('<run-dir>', 'a run folder of `gauntlet run`, or a history: its folder, or git:BRANCH')
    .addOption(
      new Option('--format <format>', 'print this one to stdout instead of rewriting the files').choices(
        REPORT_FORMATS,
      ),
    )
    .option(
      '--out <file>',
      'write to this file instead of stdout; github appends its summary to it (default: $GITHUB_STEP_SUMMARY)',
    )
    .option(
      '--comment <file>',
      'with github: write a comment for the pull request there; its first line is a hidden mark',
    )
    .option('--compare <run-dir>', 'show another run beside it, without a verdict, as text, md or json')
    .action(async (directory: string, options) => {
      if (options.compare !== undefined) {
        const { compareCommand } = await import('./commands/compare.ts');
        outcome.exitCode = await compareCommand(directory, options.compare, options);
        return;
      }
      const { reportCommand } = await import('./commands/report.ts');
      outcome.exitCode = await reportCommand(directory, options);
    });
}

function addFaults(program: Command, outcome: Outcome): void {
  program
    .command('faults')
    .summary('list the faults, or explain one')
    .description('Lists every fault, or explains one: parameters, permissions, undo, lease and proof.')
    .argument('[fault]', 'a fault, such as partition-kafka')
    .addOption(targetOption())
    .action(async (name: string | undefined, { target }: { readonly target?: string }) => {
      const { faultsCommand } = await import('./commands/faults.ts');
      outcome.exitCode = await faultsCommand(name, target);
    });
  program
    .command('inject')
    .summary('inject one fault by hand')
    .description(
      'Injects one fault with the same journal, lease and receipts as a campaign, and removes it again.',
    )
    .argument('<fault>', 'a fault, such as throttle-redis')
    .argument('[parameters...]', 'key=value, as in a campaign')
    .addOption(targetOption().makeOptionMandatory())
    .option('--for <duration>', 'how long to hold it, such as 30s (for faults that are held)')
    .option('--dry-run', 'print victim, timers, permissions and undo; touch nothing')
    .addOption(yesOption())
    .addOption(jsonOption())
    .action(async (fault: string, parameters: string[], options) => {
      const { injectCommand } = await import('./commands/inject.ts');
      outcome.exitCode = await injectCommand(fault, parameters, options);
    });
  program
    .command('recover')
    .summary('undo the faults that earlier runs left in place')
    .description(
      'Replays the open undos of every dead run of this machine; with a --target on Kubernetes, of every machine. A run does the same at its start, for its own target only. Exit 5 when something could not be undone, 77 when a living run has the target, or a run whose life cannot be checked from here.',
    )
    .addOption(targetOption())
    .option(
      '--force-holder',
      'treat a holder that cannot be observed from here (a removed container, another machine) as dead: free what it held',
    )
    .addOption(jsonOption())
    .action(async (options) => {
      const { recoverCommand } = await import('./commands/recover.ts');
      outcome.exitCode = await recoverCommand(options);
    });
}

function addSandbox(program: Command, outcome: Outcome): void {
  program
    .command('doctor')
    .summary('what is missing, and how to get it')
    .description(
      'Looks for k6, Redis, Java and Kafka and prints where each was found or what to type. With --target: asks each part of it, and says which faults work there and why the others do not.',
    )
    .option('--fix', 'get what is missing, into the cache, without root where that is possible')
    .option('--quiet', 'print nothing when no part is missing')
    .addOption(targetOption())
    .addOption(jsonOption())
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      outcome.exitCode = await doctorCommand(options);
    });
  program
    .command('rbac')
    .summary('print the minimal permissions that a target on Kubernetes needs')
    .description(
      'Prints ServiceAccount, Roles and RoleBindings with exactly the verbs that faults and guards use: pipe it into kubectl apply -f -.',
    )
    .argument('<target>', 'target name (targets/<name>.yaml) or path of a target file')
    .option(
      '--also <what>',
      'further permissions, separated by commas: zone (reads nodes), signal (exec in pods), links (an agent in pods), ' +
        'proxy (a job that delays), stress (with Chaos Mesh: a reader in pods), audit (lists workloads and Services), ' +
        'workloads (restarts and scales them)',
    )
    .action(async (target: string, options: { readonly also?: string }) => {
      const { rbacCommand } = await import('./commands/rbac.ts');
      outcome.exitCode = await rbacCommand(target, options.also);
    });
  program
    .command('schema')
    .summary('print the JSON Schema of a kind of file')
    .description(
      'Prints the JSON Schema (draft 7) of a kind of file. The same files are in schemas/: an editor completes a file that names its schema in line 1.',
    )
    .argument('<kind>', `one of ${SCHEMA_KINDS.join(', ')}`)
    .action(async (kind: string) => {
      const { schemaCommand } = await import('./commands/schema.ts');
      outcome.exitCode = await schemaCommand(kind);
    });
  const sandbox = program
    .command('sandbox')
    .summary('the embedded system under test: up, down, status')
    .description(
      'The embedded system under test: real Kafka, Redis and PostgreSQL, the programs of a system.yaml, and a proxy on each link.',
    );
  for (const [verb, text] of [
    ['up', 'start it and leave it running; prints its addresses'],
    ['down', 'stop it; no process and no file remains'],
    ['status', 'print its addresses, instances and links'],
  ] as const) {
    const command = sandbox
      .command(verb)
      .summary(text)
      .description(text)
      .option('--name <name>', 'several sandboxes can run side by side', 'default');
    if (verb === 'up') command.option('--system <name>', 'a name, or the path of its system.yaml');
    command.addOption(jsonOption()).action(async (options) => {
      const { sandboxCommand } = await import('./commands/sandbox.ts');
      outcome.exitCode = await sandboxCommand(verb, options);
    });
  }
}
