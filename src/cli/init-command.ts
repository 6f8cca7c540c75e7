/** `gauntlet init` and `gauntlet migrate`: the user's own files. */
import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';

const several = (text: string, before: readonly string[]): readonly string[] => [...before, text];
const NONE: readonly string[] = [];

export function addInit(program: Command, outcome: Outcome): void {
  program
    .command('init')
    .summary('write system, target, campaign and scenario for a system of yours')
    .description(
      'Asks what your system consists of, dials the addresses that you name, and writes its files into this folder, never over one. Each question has a flag.',
    )
    .option('--name <name>', 'name of the system, such as shop')
    .option(
      '--service <name=address>',
      'a service and its address (http, grpc, kafka, redis, postgres, tcp), such as web=http://127.0.0.1:8080; several times',
      several,
      NONE,
    )
    .option('--compose <file>', 'take services, ports, health checks and links from a Compose file')
    .option(
      '--ready <service=path>',
      'path that says whether a service is ready, such as web=/health; several times',
      several,
      NONE,
    )
    .option('--get <service=path>', 'a GET that users do, such as web=/items; several times', several, NONE)
    .option('--link <from -> to>', 'who dials whom, such as "web -> cache"; several times', several, NONE)
    .option('--allow-faults', 'faults may be injected there')
    .option('--no-allow-faults', 'no fault may be injected there (default)')
    .option('--library', 'only write or refresh scenarios/gauntlet.ts, which scenarios import')
    .option('--yes', 'ask nothing: questions without a flag take their default')
    .action(async (options) => {
      const { initCommand } = await import('./commands/init.ts');
      outcome.exitCode = await initCommand(options);
    });
  program
    .command('migrate')
    .summary('rewrite older target files to the form of this version')
    .description(
      'Rewrites target files without schema: their addresses move to services, comments stay. A file is written only when it still reads as the same target.',
    )
    .argument('<file...>', 'target files')
    .option('--dry-run', 'print what would change; write nothing')
    .action(async (files: string[], options) => {
      const { migrateCommand } = await import('./commands/migrate.ts');
      outcome.exitCode = await migrateCommand(files, options);
    });
}
