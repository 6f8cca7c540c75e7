/** `gauntlet gate`: two versions side by side, the answer in the first line of the summary. */
import { join, relative } from 'node:path';
import type { GateFlags } from '../../config/gate-flags.ts';
import type { TargetFile } from '../../config/read-target.ts';
import type { Plan } from '../../core/plan.ts';
import { ERROR_EXIT, VERDICT_EXIT, worst } from '../../core/verdict.ts';
import { roundsText } from '../../report/gate-rounds.ts';
import type { ReportInput } from '../../report/input.ts';
import { renderSummary } from '../../report/text.ts';
import { gatePlanText } from '../../run/gate/gate-plan-text.ts';
import { type GateRequest, gateDryRun, gateStory } from '../../run/gate-story.ts';
import { historyDryRun, historyStory } from '../../run/history-story.ts';
import { questionOf } from '../../run/open/consent.ts';
import { gateFaultLines } from '../../run/open/gate-faults-text.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { type LiveView, openLiveView } from '../terminal/live-view.ts';
import { seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';
import { type GateMode, type ModeOptions, modeOf } from './gate-mode.ts';

export interface GateOptions extends GateFlags, ModeOptions {
  readonly plan?: boolean;
  readonly out?: string;
  readonly seed?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function gateCommand(campaign: string, options: GateOptions): Promise<number> {
  const cli = cliContext();
  const { mode, rounds } = modeOf(options);
  const seed = seedOf(options.seed);
  const inputs: ReportInput[] = [];
  let view: LiveView | undefined;
  const interruption = untilSignal((text) => (view ?? cli).note(text));
  const { signal } = interruption;
  const asked = (round: number): Asked => ({
    ...{ campaign, scale: 1, places: cli.places, env: cli.env, signal, flags: options },
    out: options.out !== undefined && rounds > 1 ? join(options.out, String(round)) : options.out,
    seed: (seed + round - 1) % 2 ** 31,
    ...(options.candidateVersion !== undefined && { candidateVersion: options.candidateVersion }),
  });
  if (options.plan === true) {
    const { plan, faults } = await planned(mode, asked(1));
    if (options.json === true) cli.json(plan);
    else cli.out(gatePlanText(plan, faults));
    return 0;
  }
  for (let round = 1; round <= rounds && !signal.aborted; round += 1) {
    const shown = openLiveView(cli, options.json === true);
    view = shown;
    // One answer stands for all rounds: they do the same.
    const agree = async (plan: Plan, target: TargetFile): Promise<void> =>
      round > 1 ? undefined : await confirm(cli, questionOf(plan, target), options.yes === true, signal);
    const told = { watchers: shown, progress: (text: string) => shown.note(text) };
    try {
      const { input, runDir } =
        mode.kind === 'history'
          ? await historyStory({ ...asked(round), ...told, ...mode, target: mode.candidate, confirm: agree })
          : await gateStory({ ...asked(round), ...told, ...mode, confirm: agree });
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

type Asked = Omit<GateRequest, 'aa' | 'baseline' | 'candidate' | 'watchers' | 'progress' | 'confirm'>;

/** @returns with lines of the faults that a gate plays. */
async function planned(
  mode: GateMode,
  asked: Asked,
): Promise<{ readonly plan: Plan; readonly faults: readonly string[] }> {
  const quiet = {
    watchers: { event: () => undefined, flows: () => undefined },
    progress: () => undefined,
    confirm: async () => undefined,
  };
  if (mode.kind === 'sides') {
    const { plan, victims } = await gateDryRun({ ...asked, ...mode, ...quiet });
    return { plan, faults: gateFaultLines(plan, victims) };
  }
  const { plan } = await historyDryRun({ ...asked, ...mode, ...quiet, target: mode.candidate });
  return { plan, faults: [] };
}
