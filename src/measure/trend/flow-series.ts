/** The series of each flow: response times and failures of its baseline phase, and its capacity. */
import type { Estimate, Night } from '../../core/night.ts';
import { gapOfNight } from './night-gap.ts';
import { gap, type NightValue, type SeriesPlan } from './series-plan.ts';

const PHASE = 'baseline';
const QUANTILES = ['p50', 'p95', 'p99'] as const;

/** @param judged ids of what objectives judge: never folded. */
export function flowSeries(nights: readonly Night[], judged: ReadonlySet<string>): readonly SeriesPlan[] {
  const flows = new Set(
    nights.flatMap((night) => Object.keys(night.flows).filter((flow) => night.flows[flow]?.[PHASE])),
  );
  return [...flows]
    .sort()
    .flatMap((flow) => [...QUANTILES.map((name) => time(name)), failed()].map((one) => one(flow, judged)));
}

type OfFlow = (flow: string, judged: ReadonlySet<string>) => SeriesPlan;

const time =
  (quantile: (typeof QUANTILES)[number]): OfFlow =>
  (flow, judged) => {
    const id = `${flow} ${quantile} in ${PHASE}`;
    const name = quantile.toUpperCase();
    return {
      ...{ id, name: `${name} of ${flow} in ${PHASE}`, kind: 'time', scale: 'log' },
      isHeadline: quantile === 'p99' || judged.has(id),
      valueOf: (night) =>
        ofBaseline(night, flow, (row) => row.goodMs[quantile], `too few good answers for ${name}`),
    };
  };

const failed = (): OfFlow => (flow) => ({
  ...{ id: `${flow} failed in ${PHASE}`, name: `Failed share of ${flow} in ${PHASE}` },
  ...{ kind: 'share', scale: 'root', isHeadline: true },
  valueOf: (night) => ofBaseline(night, flow, (row) => row.bad, 'nothing was due'),
});

function ofBaseline(
  night: Night,
  flow: string,
  take: (row: Night['flows'][string][string]) => Estimate,
  tooFew: string,
): NightValue {
  const why = gapOfNight(night);
  if (why !== null) return gap(why);
  const row = night.flows[flow]?.[PHASE];
  if (row === undefined) return gap(`${flow} was not in this night’s ${PHASE}`);
  const { value, low, high } = take(row);
  return value === null ? gap(tooFew) : { value, low, high, censored: false, gap: null };
}

export function capacitySeries(nights: readonly Night[]): readonly SeriesPlan[] {
  const flows = new Set(nights.flatMap((night) => Object.keys(night.capacity)));
  return [...flows].sort().map((flow) => ({
    ...{ id: `${flow} capacity`, name: `Capacity of ${flow}`, kind: 'rate', scale: 'log', isHeadline: true },
    valueOf: (night) => {
      const why = gapOfNight(night);
      if (why !== null) return gap(why);
      const value = night.capacity[flow];
      if (value === undefined) return gap('no capacity was looked for');
      if (value === null) return gap('no rate held');
      return { value, low: null, high: null, censored: false, gap: null };
    },
  }));
}
