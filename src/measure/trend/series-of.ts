/** Every series of a history, in the order in which it is shown. */
import type { Night } from '../../core/night.ts';
import { capacitySeries, flowSeries } from './flow-series.ts';
import { judgedIds, objectiveSeries } from './objective-series.ts';
import { recoverySeries } from './recovery-series.ts';
import { referenceSeries } from './reference-series.ts';
import type { SeriesPlan } from './series-plan.ts';

export function seriesOf(nights: readonly Night[]): readonly SeriesPlan[] {
  const flows = [...flowSeries(nights, judgedIds(nights)), ...capacitySeries(nights)];
  const covered = new Set(flows.map((one) => one.id));
  const all = [
    ...flows,
    ...referenceSeries(nights),
    ...objectiveSeries(nights, covered),
    ...recoverySeries(nights),
  ];
  return [...all.filter((one) => one.isHeadline), ...all.filter((one) => !one.isHeadline)];
}
