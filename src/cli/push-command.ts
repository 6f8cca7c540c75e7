/** `gauntlet push`: its words and options. */
import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';

export function addPush(program: Command, outcome: Outcome): void {
  program
    .command('push')
    .summary('send what a run found to where people look')
    .description(
      'Sends what a run, or the latest night of a history, found to a Pushgateway (metrics), to Grafana (faults as annotations) or to a webhook (a message). It judges nothing: exit 0 when it was pushed or nothing is to do, 69 when a receiver is not reachable or refuses. A second push of the same run adds nothing.',
    )
    .argument('<run-dir|history>', 'a run folder, or a history (folder or git:BRANCH): its latest nights')
    .option(
      '--to <receivers>',
      'pushgateway, grafana, webhook, with commas (default: those in the publish block of --campaign)',
    )
    .option(
      '--campaign <campaign>',
      'campaign file or name: its publish block names receivers; of a history only its nights are sent',
    )
    .option('--url <url>', 'of the receiver: a URL without secrets, env:NAME or file:PATH')
    .option('--token <reference>', 'its bearer token: env:NAME or file:PATH')
    .option('--dashboard <uid>', 'of Grafana: the dashboard of the annotations (default: the organisation)')
    .option('--format <format>', 'of a webhook: json or slack (default: json)')
    .option('--insecure', 'allow secrets over plain http to another machine')
    .option('--always', 'send the message although nothing changed, or although it was sent before')
    .option('--json', 'print the result as JSON on stdout, everything else on stderr')
    .action(async (where: string, options) => {
      const { pushCommand } = await import('./commands/push.ts');
      outcome.exitCode = await pushCommand(where, options);
    });
}
