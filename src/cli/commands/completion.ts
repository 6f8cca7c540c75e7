/**
 * `gauntlet completion bash|zsh|fish`: a script for the shell, generated from the commands themselves, so it
 * cannot become outdated.
 */
import type { Command } from 'commander';
import { FAULTS } from '../../chaos/faults/registry.ts';
import { namesOf } from '../../run/open/names.ts';
import { commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { bashCompletion, zshCompletion } from '../completion/posix-shell.ts';
import { cliContext } from '../terminal/context.ts';

export const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/**
 * Names of campaigns and targets are the current ones: the script must be generated again to offer a new one.
 */
export function completionCommand(program: Command, shell: keyof typeof SHELLS): number {
  const values = {
    campaign: namesOf('campaign'),
    target: namesOf('target'),
    fault: FAULTS.map((one) => one.name),
  };
  cliContext().frame(SHELLS[shell](commandTree(program, values)));
  return 0;
}
