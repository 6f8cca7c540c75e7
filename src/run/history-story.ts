/**
 * `gauntlet gate --baseline-history`: only the candidate is up. It is run once, as every run, but without
 * faults and objectives, and its baseline phase is compared with that of earlier runs.
 */

import type { GateFlags } from '../config/gate-flags.ts';
import type { Campaign } from '../config/read-campaign.ts';
import { GauntletError, type Problem } from '../core/errors.ts';
import { GATE_QUANTILES, type GateRule } from '../core/gate.ts';
import type { Plan } from '../core/plan.ts';
import { samplesForQuantile } from '../measure/statistics.ts';
import { gateRule } from './gate/gate-rule.ts';
import { type HistoryAsked, readHistory } from './gate/read-history.ts';
import type { DryRun } from './open/dry-run.ts';
import { peekTopology } from './open/open-target.ts';
import { askGuards, type PreparedRun, planOf, prepare, type RunCommandRequest } from './prepare.ts';
import { type RunOutcome, runPrepared } from './story.ts';

export interface HistoryRequest extends RunCommandRequest {
  /** Over the `gate:` block of the campaign. */
  readonly flags: GateFlags;
  readonly history: HistoryAsked;
}

/** The plan, touching nothing. @throws usage, refused. */
export const historyDryRun = async (request: HistoryRequest): Promise<DryRun> =>
  await askGuards(await withHistory(request), request, false);

/** @throws as {@link runPrepared}; usage before anything is touched. */
export const historyStory = async (request: HistoryRequest): Promise<RunOutcome> =>
  await runPrepared(await withHistory(request), request);

async function withHistory(request: HistoryRequest): Promise<PreparedRun> {
  const read = prepare(request);
  const prepared: PreparedRun = { ...read, campaign: loadAlone(read.campaign) };
  const { rule } = gateRule(read.campaign, request.flags);
  const topology = await peekTopology(prepared.target, request.places);
  const plan = planOf(prepared, topology, request, {});
  const problems = [...refusals(plan), ...sampleProblems(plan, rule)];
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const { metrics, times, failed, alpha } = rule;
  return { ...prepared, history: { metrics, times, failed, alpha, ...readHistory(request.history, plan) } };
}

/** Faults come after the baseline; objectives would judge the candidate by other limits than the baseline. */
const loadAlone = (campaign: Campaign): Campaign => ({
  ...campaign,
  faults: [],
  repeat: 1,
  goals: { ...campaign.goals, objectives: [] },
});

function refusals({ shape, rateSearch, campaign }: Plan): readonly Problem[] {
  const subject = `campaign ${campaign}`;
  const expected = 'a baseline phase at a rate that every run has';
  return [
    ...(shape === null ? [] : [{ subject, expected, got: 'a shape' }]),
    ...(rateSearch === undefined ? [] : [{ subject, expected, got: 'rate: auto' }]),
  ];
}

/** Said before the run: afterwards it would have been for nothing. */
function sampleProblems({ load, baselineMs, campaign }: Plan, { metrics }: GateRule): readonly Problem[] {
  const flows = load.flatMap((one) => one.flows);
  return metrics.flatMap(({ flow, quantity }): Problem[] => {
    const rate = flows.find((one) => one.flow === flow)?.schedule.startRate;
    if (rate === undefined)
      return [
        { subject: 'metrics', expected: `a flow of ${flows.map((one) => one.flow).join(', ')}`, got: flow },
      ];
    if (quantity === 'failed') return [];
    const needed = Math.ceil((1.05 * samplesForQuantile(GATE_QUANTILES[quantity])) / rate);
    if (rate === 0 || baselineMs >= needed * 1000) return [];
    const expected = `at least ${needed}s for ${quantity.toUpperCase()} of ${flow} at ${rate}/s`;
    const next = 'Make the baseline longer, or gate a lower quantile: --metrics failed,p50,p90.';
    return [{ subject: `campaign ${campaign}: baseline`, expected, got: `${baselineMs / 1000}s`, next }];
  });
}
