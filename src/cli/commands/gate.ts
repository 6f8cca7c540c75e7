/** `gauntlet gate`: two versions side by side, the answer in the first line of the summary. */
import { relative } from 'node:path';
import { type Problem, usageError } from '../../core/errors.ts';
import { GATE_QUANTILES, type GateMetric, type GateQuantity, type GateRule } from '../../core/gate.ts';
import { formatMs, type Ms, ms } from '../../core/units.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { DEFAULT_ALPHA, DEFAULT_LOOKS, MOST_METRICS } from '../../measure/gate/gate-levels.ts';
import { renderSummary } from '../../report/text.ts';
import { type GateRequest, gateDryRun, gateStory } from '../../run/gate-story.ts';
import { questionOf } from '../../run/open/consent.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { openLiveView } from '../terminal/live-view.ts';
import { seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface GateOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly find: string;
  readonly allow: string;
  readonly metrics: string;
  readonly budget?: string;
  readonly plan?: boolean;
  readonly out?: string;
  readonly seed?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const BLOCK_MS = ms(10_000);
const SETTLE_MS = ms(3000);
/** In points: half an arrival in a hundred. */
const FAILED_FIND = 0.005;

export async function gateCommand(campaign: string, options: GateOptions): Promise<number> {
  const cli = cliContext();
  const { baseline, candidate } = options;
  const request = (
    confirmed: Pick<GateRequest, 'signal' | 'watchers' | 'progress' | 'confirm'>,
  ): GateRequest => ({
    ...{ campaign, baseline, candidate, scale: 1, places: cli.places, env: cli.env },
    out: options.out,
    seed: seedOf(options.seed),
    ruleFor: (flows) => ruleOf(options, flows),
    budgetMs: options.budget === undefined ? null : budgetOf(options.budget),
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

function ruleOf({ find, allow, metrics }: GateOptions, flows: readonly string[]): GateRule {
  const problems: Problem[] = [];
  const times = { find: shareOf('--find', find, problems), allow: shareOf('--allow', allow, problems) };
  if (times.allow >= times.find)
    problems.push({ subject: '--allow', expected: `less than --find (${find})`, got: allow });
  const gated = metricsOf(metrics, flows, problems);
  if (problems.length > 0) throw usageError(...(problems as [Problem]));
  return {
    ...{
      metrics: gated,
      times,
      alpha: DEFAULT_ALPHA,
      looks: DEFAULT_LOOKS,
      blockMs: BLOCK_MS,
      settleMs: SETTLE_MS,
    },
    failed: { allow: 0, find: FAILED_FIND },
  };
}

function shareOf(subject: string, text: string, problems: Problem[]): number {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? [];
  const share = Number(number) / 100;
  if (number !== undefined && share <= 10) return share;
  problems.push({ subject, expected: 'percent, such as 10%', got: JSON.stringify(text) });
  return 0;
}

function budgetOf(text: string): Ms {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  if (number !== undefined)
    return ms(Number(number) * (unit === 's' ? 1000 : unit === 'm' ? 60_000 : 3_600_000));
  throw usageError({ subject: '--budget', expected: 'a duration, such as 15m', got: JSON.stringify(text) });
}

/** `p99` is of the first flow; `flow:p99` of another. */
function metricsOf(text: string, flows: readonly string[], problems: Problem[]): readonly GateMetric[] {
  const names = [...Object.keys(GATE_QUANTILES), 'failed'];
  const found = text.split(',').flatMap((one): GateMetric[] => {
    const [quantity = '', flow = flows[0] ?? ''] = one.trim().split(':').reverse();
    if (names.includes(quantity)) return [{ flow, quantity: quantity as GateQuantity }];
    problems.push({
      subject: '--metrics',
      expected: `${names.join(', ')}, or FLOW:p99`,
      got: JSON.stringify(one),
    });
    return [];
  });
  if (found.length > MOST_METRICS)
    problems.push({
      subject: '--metrics',
      expected: `at most ${MOST_METRICS}: with more of them the level of each becomes so small that twice the pairs are needed`,
      got: `${found.length}`,
    });
  return found;
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
