/** `gauntlet gate`: two versions side by side, the answer in the first line of the summary. */
import { join, relative } from 'node:path';
import type { GateFlags } from '../../config/gate-flags.ts';
import type { Plan } from '../../core/plan.ts';
import { formatMs, ms } from '../../core/units.ts';
import { ERROR_EXIT, VERDICT_EXIT, worst } from '../../core/verdict.ts';
import { roundsText } from '../../report/gate-rounds.ts';
import type { ReportInput } from '../../report/input.ts';
import { renderSummary } from '../../report/text.ts';
import { type GateRequest, gateDryRun, gateStory } from '../../run/gate-story.ts';
import { questionOf } from '../../run/open/consent.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { type LiveView, openLiveView } from '../terminal/live-view.ts';
import { seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';
import { type SideOptions, sidesOf } from './gate-mode.ts';

export interface GateOptions extends GateFlags, SideOptions {
  readonly plan?: boolean;
  readonly out?: string;
  readonly seed?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function gateCommand(campaign: string, options: GateOptions): Promise<number> {
  const cli = cliContext();
  const { rounds, ...sides } = sidesOf(options);
  const seed = seedOf(options.seed);
  const request = (
    round: number,
    confirmed: Pick<GateRequest, 'signal' | 'watchers' | 'progress' | 'confirm'>,
  ): GateRequest => ({
    ...{ campaign, ...sides, scale: 1, places: cli.places, env: cli.env },
    out: options.out !== undefined && rounds > 1 ? join(options.out, String(round)) : options.out,
    seed: (seed + round - 1) % 2 ** 31,
    flags: options,
    ...(options.candidateVersion !== undefined && { candidateVersion: options.candidateVersion }),
    ...confirmed,
  });
  let view: LiveView | undefined;
  const interruption = untilSignal((text) => (view ?? cli).note(text));
  const { signal } = interruption;
  if (options.plan === true) {
    const watchers = { event: () => undefined, flows: () => undefined };
    const quiet = { signal, watchers, progress: cli.note, confirm: async () => undefined };
    const plan = await gateDryRun(request(1, quiet));
    if (options.json === true) cli.json(plan);
    else cli.out(planText(plan));
    return 0;
  }
  const inputs: ReportInput[] = [];
  for (let round = 1; round <= rounds && !signal.aborted; round += 1) {
    const shown = openLiveView(cli, options.json === true);
    view = shown;
    try {
      const { input, runDir } = await gateStory(
        request(round, {
          ...{ signal, watchers: shown, progress: (text: string) => shown.note(text) },
          async confirm(plan, targets) {
            // One answer stands for all rounds: they do the same.
            if (round > 1) return;
            for (const target of targets)
              await confirm(cli, questionOf(plan, target), options.yes === true, signal);
          },
        }),
      );
      shown.close();
      inputs.push(input);
      if (options.json === true) continue;
      cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
      cli.out(`Report: ${relative(process.cwd(), runDir)}/report.html`);
    } finally {
      shown.close();
    }
  }
  const results = inputs.map((one) => one.result);
  const statuses = results.map((one) => one.verdict.status);
  if (options.json === true) cli.json(rounds === 1 ? results[0] : results);
  else if (rounds > 1) cli.out(roundsText(statuses, inputs[0]?.plan.gate?.alpha ?? 0));
  const last = worst(statuses);
  return interruption.caught() !== null && last !== 'RESIDUE' ? ERROR_EXIT.interrupted : VERDICT_EXIT[last];
}

function planText({ gate, longestMs, notes = [] }: Plan): string {
  if (gate === undefined) return '';
  const metrics = gate.metrics.map(
    (one) => `${one.flow} ${one.quantity === 'failed' ? 'failed' : one.quantity.toUpperCase()}`,
  );
  return [
    gate.aa === true
      ? `Gate: ${gate.candidate} against itself (A/A)`
      : `Gate: ${gate.candidate} against ${gate.baseline}`,
    `  gated   ${metrics.join(', ')}`,
    `  finds   +${Math.round(gate.times.find * 100)} %, allows +${Math.round(gate.times.allow * 100)} %; level ${gate.alpha}`,
    `  pairs   looks at ${gate.looks.join(', ')}, order ${gate.order.join(' ')}`,
    `  takes   at most ${formatMs(ms(longestMs))}; it stops as soon as it knows`,
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
}
