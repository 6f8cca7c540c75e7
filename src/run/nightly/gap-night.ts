/** The record of a night in which nothing was measured: a gap of every series, with its reasons. */
import { formatProblem, GauntletError, messageOf } from '../../core/errors.ts';
import { NIGHT_SCHEMA } from '../../core/night.ts';
import { plain } from '../../core/plain.ts';
import type { Plan } from '../../core/plan.ts';
import { type Reason, verdictOf } from '../../core/verdict.ts';
import { campaignHashOf } from '../history/campaign-hash.ts';
import { environmentKey } from '../history/environment-key.ts';
import type { NightFields } from '../history/night-of-run.ts';

/** Times are ISO 8601. */
export interface Gap {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly reasons: readonly Reason[];
  readonly report: string | null;
}

export function gapNight(plan: Plan, { startedAt, endedAt, reasons, report }: Gap): NightFields {
  const { id, campaign, target, seed, versions } = plan;
  const { status, reasons: said } = verdictOf(reasons);
  return {
    schema: NIGHT_SCHEMA,
    ...{ run: id, campaign, campaignHash: campaignHashOf(plan), target },
    environment: { key: environmentKey(target), words: plan.environment ?? {} },
    ...{ seed, startedAt, endedAt, versions, subject: plan.subject ?? {} },
    ...{ status, runStatus: status, reasons: said },
    ...{ flows: {}, faults: [], recoveries: [], recoveryWatchMs: plan.recovery.timeoutMs },
    ...{ objectives: [], capacity: {}, generator: null, quarantine: [], report },
  };
}

/**
 * Why a run ended before its load. A target that is missing or refuses leaves no data; an end by a person or
 * by a defect says nothing about the target.
 */
export function reasonsOf(error: unknown): readonly Reason[] {
  if (!(error instanceof GauntletError)) return [{ status: 'INVALID', text: plain(messageOf(error)) }];
  if (error.kind === 'interrupted') return [{ status: 'INVALID', text: plain(messageOf(error)) }];
  const status = error.kind === 'defect' ? 'INVALID' : 'NO-DATA';
  return error.problems.map((one) => ({ status, text: plain(formatProblem(one)) }));
}
