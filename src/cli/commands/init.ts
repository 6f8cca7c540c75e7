/** `gauntlet init`: the files of a system of the user's own, from questions or flags. */
import { type InitDone, initStory } from '../../run/init/init.ts';
import { writeLibrary } from '../../run/init/library.ts';
import type { InitFlags } from '../../run/init/missing.ts';
import { openAsker } from '../terminal/ask.ts';
import { cliContext } from '../terminal/context.ts';

export async function initCommand(
  flags: Omit<InitFlags, 'yes'> & { readonly yes?: boolean; readonly library?: boolean },
): Promise<number> {
  const cli = cliContext();
  const root = process.cwd();
  if (flags.library === true) {
    cli.out(writeLibrary(root));
    return 0;
  }
  const canAsk = cli.interactive && process.stdin.isTTY === true && flags.yes !== true;
  const asker = canAsk ? await openAsker() : null;
  try {
    const note = (text: string): void => cli.out(text);
    const done = await initStory({
      flags: { ...flags, yes: flags.yes === true },
      ...{ root, env: cli.env, ask: asker === null ? null : asker.ask, note },
    });
    cli.out(nextText(done));
    return 0;
  } finally {
    asker?.close();
  }
}

function nextText({ answers, campaign, isHere }: InitDone): string {
  const { name, allowFaults } = answers;
  const target = `targets/${name}.yaml`;
  return [
    allowFaults
      ? `Faults are allowed on ${name} (policy in ${target}).`
      : `No fault is allowed on ${name}; its owner allows them in ${target}: policy.`,
    ...(isHere
      ? []
      : [`It is not on this machine, so load is refused too, until its owner allows it there: policy.load.`]),
    'Next:',
    `  npx gauntlet doctor --target ${name}`,
    ...(campaign === null
      ? [
          'No service speaks http, so there is no scenario: docs/add-a-system.md of the package has the way by hand.',
        ]
      : [`  npx gauntlet run ${campaign}`]),
  ].join('\n');
}
