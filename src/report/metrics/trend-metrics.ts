/** What the nights say together. */
import type { QuarantineInForce } from '../../core/night.ts';
import type { SeriesChange, SeriesState, Trend, TrendSeries } from '../../core/trend.ts';
import { type Family, gauge, type Labels, oneOf } from './family.ts';
import { epochSeconds } from './run-metrics.ts';

type Rows = readonly (readonly [Labels, number | null | undefined])[];

const STATES: readonly SeriesState[] = ['steady', 'suspected', 'confirmed', 'not-testable', 'insufficient'];
const ANSWERS = ['PASS', 'FAIL', 'INCONCLUSIVE', 'insufficient'] as const;
const DIRECTIONS = ['worse', 'better'] as const;

export function trendMetrics(trend: Trend): readonly Family[] {
  const { nights, series, status, quarantine } = trend;
  return [
    gauge('gauntlet_history_nights', 'Nights of the history.', [[{}, nights.length]]),
    gauge('gauntlet_trend_status', 'The answer of the trend: 1 for the one it is, 0 for the others.', [
      ...oneOf('status', ANSWERS, status ?? 'insufficient'),
    ]),
    gauge(
      'gauntlet_trend_state',
      'The state of a series: 1 for the one it is, 0 for the others.',
      series.flatMap(({ id, state }) =>
        oneOf('state', STATES, state).map(([label, value]) => [{ series: id, ...label }, value] as const),
      ),
    ),
    ...changeMetrics(series),
    ...pinMetrics(series),
    ...pooledMetrics(series),
    ...quarantineMetrics(quarantine),
  ];
}

/** The latest that counts: older ones than the last 20 nights are the new normal. */
const changeOf = ({ state, changes }: TrendSeries): SeriesChange | undefined =>
  state === 'confirmed' ? changes.findLast((one) => one.state === 'confirmed') : undefined;

function changeMetrics(series: readonly TrendSeries[]): readonly Family[] {
  return [
    gauge(
      'gauntlet_change_point',
      'Whether a change is confirmed within the last 20 comparable nights, by its direction.',
      series.flatMap((one) => {
        const change = changeOf(one);
        const direction = change === undefined ? null : change.isWorse ? 'worse' : 'better';
        return oneOf('direction', DIRECTIONS, direction).map(
          ([label, value]) => [{ series: one.id, ...label }, value] as const,
        );
      }),
    ),
    gauge(
      'gauntlet_change_point_shift',
      'After to before, less 1; of shares the difference. NaN: no change is confirmed.',
      series.map((one) => [{ series: one.id }, changeOf(one)?.shift] as const),
    ),
    gauge(
      'gauntlet_change_point_nights',
      'Nights since the change, the first one after it included; 0: no change is confirmed.',
      series.map((one) => {
        const change = changeOf(one);
        const index = one.nights.findIndex(({ night }) => night === change?.at);
        return [{ series: one.id }, index < 0 ? 0 : one.nights.length - index] as const;
      }),
    ),
  ];
}

const BOUNDS = { estimate: 'ratio', low: 'low', high: 'high' } as const;

function pinMetrics(series: readonly TrendSeries[]): readonly Family[] {
  const rows: Rows = series.flatMap(({ id, pin }) =>
    Object.entries(BOUNDS).map(([bound, key]) => [{ series: id, bound }, pin?.[key]] as const),
  );
  return [
    gauge(
      'gauntlet_pin_shift',
      'The last nights to the pinned reference, as a ratio; of shares the difference. NaN: not compared.',
      rows,
    ),
  ];
}

/** Never a mean of those that recovered. */
function pooledMetrics(series: readonly TrendSeries[]): readonly Family[] {
  const pooled = series.flatMap(({ id, pooled: one }) =>
    one === null ? [] : [{ labels: { series: id }, one }],
  );
  const seconds = (ms: number | null): number => (ms === null ? Number.POSITIVE_INFINITY : ms / 1000);
  return [
    gauge(
      'gauntlet_recovered_ratio',
      'Share of the rounds of the last nights that recovered within the watch.',
      pooled.map(
        ({ labels, one }) => [labels, one.rounds === 0 ? null : one.recovered / one.rounds] as const,
      ),
    ),
    gauge(
      'gauntlet_recovered_ratio_low',
      "Lower end of its 95 % interval, Wilson's.",
      pooled.map(({ labels, one }) => [labels, one.shareLow] as const),
    ),
    gauge(
      'gauntlet_recovered_ratio_high',
      "Upper end of its 95 % interval, Wilson's.",
      pooled.map(({ labels, one }) => [labels, one.shareHigh] as const),
    ),
    gauge(
      'gauntlet_recovery_median_seconds',
      'Kaplan-Meier median of the last nights; +Inf: not reached within the watch.',
      pooled.map(({ labels, one }) => [labels, seconds(one.medianMs)] as const),
    ),
  ].filter((one) => one.samples.length > 0);
}

function quarantineMetrics(quarantine: readonly QuarantineInForce[]): readonly Family[] {
  const ends = quarantine.map((one) => epochSeconds(one.until));
  return [
    gauge('gauntlet_quarantined', 'Recoveries that do not decide for a time.', [[{}, quarantine.length]]),
    gauge(
      'gauntlet_quarantine_until_timestamp_seconds',
      'When the next quarantine ends, since the epoch; 0: nothing is in quarantine.',
      [[{}, ends.length === 0 ? 0 : Math.min(...ends)]],
    ),
  ];
}
