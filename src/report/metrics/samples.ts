/**
 * All metrics of a night, of a history, or of both: the one source of the text formats, of GitLab's report
 * and of what is pushed. The same series every time, whatever the verdict is: a push replaces the whole
 * group, and a series that was left out would disappear.
 */
import type { Night } from '../../core/night.ts';
import type { Plan } from '../../core/plan.ts';
import type { Result } from '../../core/result.ts';
import type { Trend } from '../../core/trend.ts';
import { chaosMetrics } from './chaos-metrics.ts';
import { expectedOf } from './expected.ts';
import type { Family } from './family.ts';
import { gateMetrics } from './gate-metrics.ts';
import { recoveryMetrics } from './recovery-metrics.ts';
import { commonLabels, epochSeconds, flowMetrics, runMetrics } from './run-metrics.ts';
import { trendMetrics } from './trend-metrics.ts';

export interface MetricsInput {
  /** The record of the run; of a history its latest night. */
  readonly night: Night;
  /** Null: what the campaign asks for is known from the nights alone. */
  readonly plan: Plan | null;
  /** For the answer of a gate. Null: the night is known from a history. */
  readonly result: Result | null;
  /** Null: nothing is known of other nights. */
  readonly trend: Trend | null;
}

/** In a fixed order; every sample has the labels `campaign` and `environment` (the target's name). */
export function metricsOf({ night, plan, result, trend }: MetricsInput): readonly Family[] {
  const nights = nightsWith(night, trend);
  const expected = expectedOf(nights, plan);
  const lastPass = nights.findLast((one) => one.status === 'PASS');
  const families = [
    ...runMetrics(night, lastPass === undefined ? 0 : epochSeconds(lastPass.endedAt)),
    ...flowMetrics(night, expected),
    ...recoveryMetrics(night, expected),
    ...(result === null ? [] : gateMetrics(result, plan)),
    ...(trend === null ? [] : trendMetrics(trend)),
    ...chaosMetrics(nights, night, expected),
  ];
  const labels = commonLabels(night);
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((one) => ({ ...one, labels: { ...labels, ...one.labels } })),
  }));
}

/** Oldest first; a night that is not (yet) part of the history is the latest. */
function nightsWith(night: Night, trend: Trend | null): readonly Night[] {
  const others = trend?.nights ?? [];
  return others.some((one) => one.run === night.run) ? others : [...others, night];
}

/** Several campaigns in one text: each family once, with the series of all. */
export function joinFamilies(all: readonly (readonly Family[])[]): readonly Family[] {
  const joined = new Map<string, Family>();
  for (const family of all.flat()) {
    const { samples = [] } = joined.get(family.name) ?? {};
    joined.set(family.name, { ...family, samples: [...samples, ...family.samples] });
  }
  return [...joined.values()];
}
