/** `gauntlet proxy up|down|status TARGET`: the links of a target that Gauntlet's own proxy carries. */
import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';

export function addProxy(program: Command, outcome: Outcome): void {
  const proxy = program
    .command('proxy')
    .summary('carry the links of a target with platform none: up, down, status')
    .description(
      'A TCP proxy in front of the addresses in links of a target file. Configure each service to dial the listen address of its link; then every fault on links works there. The proxy runs until it is stopped.',
    );
  for (const [verb, text] of [
    ['up', 'start it and leave it running; prints where each link listens'],
    ['down', 'stop it, and reset the connections through it'],
    ['status', 'print its links, their traffic and what impairs them'],
  ] as const) {
    proxy
      .command(verb)
      .summary(text)
      .description(text)
      .argument('<target>', 'target name or file')
      .option('--json', 'print the result as JSON on stdout')
      .action(async (target: string, options) => {
        const { proxyCommand } = await import('./commands/proxy.ts');
        outcome.exitCode = await proxyCommand(verb, target, options);
      });
  }
}
