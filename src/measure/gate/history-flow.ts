/** What a run's baseline phase says of one flow, as it is compared with other runs. */
import { GATE_QUANTILES, type GateQuantile } from '../../core/gate.ts';
import type { HistoryFlow } from '../../core/gate-history.ts';
import type { FlowPhase } from '../../core/result.ts';
import { samplesForQuantile } from '../statistics.ts';

export function historyFlow({ due, count, failed, goodMs }: FlowPhase): HistoryFlow {
  const good = count - failed;
  const names = Object.keys(GATE_QUANTILES) as GateQuantile[];
  const times = names.map((name) => [
    name,
    good < samplesForQuantile(GATE_QUANTILES[name]) ? null : goodMs[name],
  ]);
  return { due, bad: Math.max(0, due - good), goodMs: Object.fromEntries(times) };
}

/** By flow, of a run that has a baseline phase. @param table by flow and phase. */
export const historyFlows = (
  table: Readonly<Record<string, Readonly<Record<string, FlowPhase>>>>,
): Readonly<Record<string, HistoryFlow>> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([flow, phases]) => {
      const baseline = phases['baseline'];
      return baseline === undefined ? [] : [[flow, historyFlow(baseline)] as const];
    }),
  );
