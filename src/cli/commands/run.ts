/** `gauntlet run`: the live view or plain lines while it runs, then the summary and the folder. */
import { relative } from 'node:path';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { renderSummary } from '../../report/text.ts';
import { questionOf } from '../../run/open/consent.ts';
import { dryRunText } from '../../run/open/dry-run.ts';
import { dryRun } from '../../run/prepare.ts';
import { runStory } from '../../run/story.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { openLiveView } from '../terminal/live-view.ts';
import { scaleOf, seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface RunOptions {
  readonly target?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly seed?: string;
  readonly scale?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function runCommand(campaign: string, options: RunOptions): Promise<number> {
  const cli = cliContext();
  const seed = seedOf(options.seed);
  const scale = scaleOf(options.scale);
  const given = { campaign, target: options.target, seed, scale, places: cli.places };
  if (options.dryRun === true) {
    const dry = await dryRun({ ...given, env: cli.env, progress: (text) => cli.note(text) });
    if (options.json === true) cli.json(dry.plan);
    else cli.out(dryRunText(dry));
    return 0;
  }
  const view = openLiveView(cli, options.json === true);
  const interruption = untilSignal((text) => view.note(text));
  try {
    const { input, runDir } = await runStory({
      ...given,
      out: options.out,
      env: cli.env,
      signal: interruption.signal,
      watchers: view,
      progress: (text) => view.note(text),
      confirm: (plan, target) =>
        confirm(cli, questionOf(plan, target), options.yes === true, interruption.signal),
    });
    view.close();
    const { result } = input;
    if (options.json === true) cli.json(result);
    else {
      cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
      cli.out(`Report: ${relative(process.cwd(), runDir)}/report.html`);
    }
    const interrupted = interruption.caught() !== null && result.verdict.status !== 'RESIDUE';
    if (interrupted && options.json !== true) {
      cli.out(`Interrupted, and everything was undone: the exit code is ${ERROR_EXIT.interrupted}.`);
    }
    return interrupted ? ERROR_EXIT.interrupted : result.verdict.exitCode;
  } finally {
    view.close();
  }
}
