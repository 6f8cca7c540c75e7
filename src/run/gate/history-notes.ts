/** What is said before a candidate is run against earlier runs. */
import { attemptText } from '../../core/gate.ts';
import { type HistoryPlan, LEAST_RUNS } from '../../core/gate-history.ts';
import { nameOf } from '../../measure/gate/metric-words.ts';
import { variation } from '../../measure/gate/noise-words.ts';
import { spreadOfRuns } from '../../measure/gate/spread-of-runs.ts';

/** So many of those that were left out are named on a line of their own; the plan has all. */
const MOST_NAMED = 5;

export function historyNotes(history: HistoryPlan): readonly string[] {
  const { runs, leftOut, folder } = history;
  const attempt = attemptText(history);
  const [latest, oldest] = [runs[0]?.id ?? '', runs.at(-1)?.id ?? ''];
  const verdict =
    runs.length < LEAST_RUNS
      ? ` A verdict needs ${LEAST_RUNS}: this will be a comparison without one (NO-DATA).`
      : '';
  return [
    `Compared with ${runs.length} earlier ${runs.length === 1 ? 'run' : 'runs'} in ${folder} (${oldest} to ${latest}), not side by side: weaker, since what differs from run to run is part of the error.${verdict}`,
    ...(attempt === null ? [] : [`This is ${attempt}.`]),
    ...leftOut.slice(0, MOST_NAMED).map(({ id, why }) => `Left out: ${id}: ${why}.`),
    ...(leftOut.length > MOST_NAMED ? [`Left out: ${leftOut.length - MOST_NAMED} more.`] : []),
    ...history.metrics.flatMap((metric) => {
      if (metric.quantity === 'failed') return [];
      const spread = spreadOfRuns(metric, history);
      return spread === null
        ? []
        : [
            `${nameOf(metric, history)} differs by ${variation(spread.sdRun)} from run to run; one run can find +${Math.round(spread.detectable * 100)} %.`,
          ];
    }),
  ];
}
