/**
 * `gauntlet gate --baseline-history`: only the candidate is up. It is run once, as every run, but without
 * faults and objectives, and its baseline phase is compared with that of earlier runs.
 */

import { resolve } from 'node:path';
import type { GateFlags } from '../config/gate-flags.ts';
import { GauntletError, type Problem } from '../core/errors.ts';
import { GATE_QUANTILES, type GateRule } from '../core/gate.ts';
import type { Plan } from '../core/plan.ts';
import { samplesForQuantile } from '../measure/statistics.ts';
import {
  type AttemptEnd,
  attemptBegun,
  attemptEnded,
  type GateQuestion,
  nextAttempt,
} from './gate/attempts.ts';
import { atAttempt, gateRule } from './gate/gate-rule.ts';
import { loadAlone } from './gate/load-alone.ts';
import { type HistoryAsked, readHistory } from './gate/read-history.ts';
import type { DryRun } from './open/dry-run.ts';
import { peekTopology, targetIdentity } from './open/open-target.ts';
import { askGuards, type PreparedRun, planOf, prepare, type RunCommandRequest } from './prepare.ts';
import { type RunOutcome, runPrepared } from './story.ts';

export interface HistoryRequest extends RunCommandRequest {
  /** Over the `gate:` block of the campaign. */
  readonly flags: GateFlags;
  readonly history: HistoryAsked;
  /** What is up at the candidate, such as a commit: another one starts a count of attempts anew. */
  readonly candidateVersion?: string;
}

/** The plan, touching nothing. @throws usage, refused. */
export const historyDryRun = async (request: HistoryRequest): Promise<DryRun> =>
  await askGuards((await withHistory(request)).prepared, request, false);

/** @throws as {@link runPrepared}; usage before anything is touched. */
export async function historyStory(request: HistoryRequest): Promise<RunOutcome> {
  const { prepared, question } = await withHistory(request);
  const { places, signal } = request;
  let end: AttemptEnd['result'] = { status: 'INVALID', pairs: { kept: 0 } };
  let isBegun = false;
  try {
    const outcome = await runPrepared(prepared, {
      ...request,
      async confirm(plan, target) {
        await request.confirm(plan, target);
        attemptBegun(places, prepared.id, question);
        isBegun = true;
      },
    });
    const { status } = outcome.input.result.verdict;
    // What has no answer can be asked again.
    end = { status, pairs: { kept: ['PASS', 'FAIL', 'INCONCLUSIVE'].includes(status) ? 1 : 0 } };
    return outcome;
  } finally {
    if (isBegun)
      attemptEnded(places, prepared.id, question, { result: end, wasStopped: signal.aborted, firstLook: 1 });
  }
}

interface Asked {
  readonly prepared: PreparedRun;
  readonly question: GateQuestion;
}

async function withHistory(request: HistoryRequest): Promise<Asked> {
  const read = await prepare(request);
  const prepared: PreparedRun = { ...read, campaign: loadAlone(read.campaign) };
  const question: GateQuestion = {
    campaign: read.campaign.name,
    baseline: `history:${resolve(request.history.folder)}`,
    candidate: await targetIdentity(prepared.target, request.places),
    version: request.candidateVersion ?? null,
  };
  const asked = gateRule(read.campaign, request.flags);
  const { rule, attempt } = atAttempt(asked, nextAttempt(request.places, question, asked.rule.alpha));
  const topology = await peekTopology(prepared.target, request.places);
  const plan = planOf(prepared, topology, request, {});
  const problems = [...refusals(plan), ...sampleProblems(plan, rule)];
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const { metrics, times, failed, alpha } = rule;
  const history = { metrics, times, failed, alpha, attempt, ...readHistory(request.history, plan) };
  return { prepared: { ...prepared, history }, question };
}

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
