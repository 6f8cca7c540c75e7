/** What a night says of itself and of its flows. */
import type { Estimate, Night } from '../../core/night.ts';
import { VERDICT_EXIT, type VerdictStatus } from '../../core/verdict.ts';
import type { Expected } from './expected.ts';
import { type Family, gauge, info, type Labels, oneOf } from './family.ts';

const STATUSES: readonly VerdictStatus[] = ['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA', 'INVALID', 'RESIDUE'];
const QUANTILES = { '0.5': 'p50', '0.95': 'p95', '0.99': 'p99' } as const;

export const epochSeconds = (iso: string): number => Date.parse(iso) / 1000;

/** @param lastPassAt epoch seconds; 0: none is known. */
export function runMetrics(night: Night, lastPassAt: number): readonly Family[] {
  const { status, versions, endedAt, startedAt } = night;
  const length = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return [
    info('gauntlet_run_info', 'The latest run.', [
      { verdict: status, version: versions['gauntlet'] ?? 'unknown' },
    ]),
    gauge('gauntlet_run_verdict', 'The verdict: 1 for the one it is, 0 for the others.', [
      ...oneOf('verdict', STATUSES, status),
    ]),
    gauge('gauntlet_exit_code', 'The exit code that its verdict has.', [[{}, VERDICT_EXIT[status]]]),
    gauge('gauntlet_run_timestamp_seconds', 'When the run ended, since the epoch.', [
      [{}, epochSeconds(endedAt)],
    ]),
    gauge('gauntlet_run_duration_seconds', 'How long the run took.', [[{}, length]]),
    gauge(
      'gauntlet_last_success_timestamp_seconds',
      'When the latest PASS ended, since the epoch; 0: no PASS is known.',
      [[{}, lastPassAt]],
    ),
  ];
}

export function flowMetrics({ flows }: Night, expected: Expected): readonly Family[] {
  const places = expected.flows.flatMap((flow) => expected.phases.map((phase) => ({ flow, phase })));
  const times = (bound: keyof Estimate) =>
    places.flatMap(({ flow, phase }) =>
      Object.entries(QUANTILES).map(([quantile, key]) => {
        const ms = flows[flow]?.[phase]?.goodMs[key][bound] ?? null;
        return [{ flow, phase, quantile }, ms === null ? null : ms / 1000] as const;
      }),
    );
  const shares = (bound: keyof Estimate) =>
    places.map((place) => [place, flows[place.flow]?.[place.phase]?.bad[bound]] as const);
  const said = 'Response time of good answers, from due time';
  const failed = 'Share of the due arrivals that had no good answer';
  return [
    gauge('gauntlet_response_seconds', `${said}.`, times('value')),
    gauge('gauntlet_response_seconds_low', `${said}: lower end of the 95 % interval.`, times('low')),
    gauge('gauntlet_response_seconds_high', `${said}: upper end of the 95 % interval.`, times('high')),
    gauge('gauntlet_failed_ratio', `${failed}.`, shares('value')),
    gauge('gauntlet_failed_ratio_low', `${failed}: lower end of the 95 % interval.`, shares('low')),
    gauge('gauntlet_failed_ratio_high', `${failed}: upper end of the 95 % interval.`, shares('high')),
  ];
}

/** The labels of every series: a machine's textfile collector and a Pushgateway hold several campaigns. */
export const commonLabels = ({ campaign, target }: Night): Labels => ({ campaign, environment: target });
