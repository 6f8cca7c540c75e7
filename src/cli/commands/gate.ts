/** `gauntlet gate`: two versions side by side, the answer in the first line of the summary. */
import { relative } from 'node:path';
import type { GateFlags } from '../../config/gate-flags.ts';
import { formatMs, ms } from '../../core/units.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { renderSummary } from '../../report/text.ts';
import { type GateRequest, gateDryRun, gateStory } from '../../run/gate-story.ts';
import { questionOf } from '../../run/open/consent.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { openLiveView } from '../terminal/live-view.ts';
import { seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface GateOptions extends GateFlags {
  readonly baseline: string;
  readonly candidate: string;
  readonly candidateVersion?: string;
  readonly plan?: boolean;
  readonly out?: string;
  readonly seed?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function gateCommand(campaign: string, options: GateOptions): Promise<number> {
  const cli = cliContext();
  const { baseline, candidate } = options;
  const request = (
    confirmed: Pick<GateRequest, 'signal' | 'watchers' | 'progress' | 'confirm'>,
  ): GateRequest => ({
    ...{ campaign, baseline, candidate, scale: 1, places: cli.places, env: cli.env },
    out: options.out,
    seed: seedOf(options.seed),
    flags: options,
    ...(options.candidateVersion !== undefined && { candidateVersion: options.candidateVersion }),
    ...confirmed,
  });
  const view = openLiveView(cli, options.json === true);
  const interruption = untilSignal((text) => view.note(text));
  const shared = { signal: interruption.signal, watchers: view, progress: (text: string) => view.note(text) };
  try {
    if (options.plan === true) {
      const plan = await gateDryRun(request({ ...shared, confirm: async () => undefined }));
      view.close();
      if (options.json === true) cli.json(plan);
      else if (plan.gate) cli.out(planText(plan.gate, plan.longestMs));
      return 0;
    }
    const { input, runDir } = await gateStory(
      request({
        ...shared,
        async confirm(plan, targets) {
          for (const target of targets)
            await confirm(cli, questionOf(plan, target), options.yes === true, interruption.signal);
        },
      }),
    );
    view.close();
    const { result } = input;
    if (options.json === true) cli.json(result);
    else {
      cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
      cli.out(`Report: ${relative(process.cwd(), runDir)}/report.html`);
    }
    const interrupted = interruption.caught() !== null && result.verdict.status !== 'RESIDUE';
    return interrupted ? ERROR_EXIT.interrupted : result.verdict.exitCode;
  } finally {
    view.close();
  }
}

function planText(
  gate: NonNullable<Awaited<ReturnType<typeof gateDryRun>>['gate']>,
  longestMs: number,
): string {
  const metrics = gate.metrics.map(
    (one) => `${one.flow} ${one.quantity === 'failed' ? 'failed' : one.quantity.toUpperCase()}`,
  );
  return [
    `Gate: ${gate.candidate} against ${gate.baseline}`,
    `  gated   ${metrics.join(', ')}`,
    `  finds   +${Math.round(gate.times.find * 100)} %, allows +${Math.round(gate.times.allow * 100)} %; level ${gate.alpha}`,
    `  pairs   looks at ${gate.looks.join(', ')}, order ${gate.order.join(' ')}`,
    `  takes   at most ${formatMs(ms(longestMs))}; it stops as soon as it knows`,
    '  What it can find depends on the noise of this place: without a history that is known after the first look.',
  ].join('\n');
}
