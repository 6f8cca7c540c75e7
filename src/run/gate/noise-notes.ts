/** What a gate says before its load: how noisy its place is known to be, and what that makes of the gate. */
import type { GatePlan, MetricNoise } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';
import { outlookOf } from '../../measure/gate/gate-outlook.ts';
import { noiseSentence } from '../../measure/gate/noise-words.ts';
import { medianOf } from '../../measure/statistics.ts';
import type { Places } from '../../system/places.ts';
import { type NoiseRecord, readNoise } from './noise-store.ts';

/** Older measurements are of a place that has changed since. */
const LATEST = 9;

/** The plan with what is known about the noise of its place among its notes. @throws as {@link readNoise}. */
export function withNoiseNotes(plan: Plan, identities: readonly string[], places: Places): Plan {
  const { gate } = plan;
  if (gate === undefined) return plan;
  const records = readNoise(places, { ...gate, identities });
  return { ...plan, notes: [...(plan.notes ?? []), ...noiseNotes(records, gate, plan.campaign)] };
}

/** @param records of this place, the latest first. */
export function noiseNotes(
  records: readonly NoiseRecord[],
  gate: GatePlan,
  campaign: string,
): readonly string[] {
  const latest = records.slice(0, LATEST);
  const known = gate.metrics.flatMap((metric): MetricNoise[] => {
    const seen = latest.flatMap(({ metrics }) =>
      metrics.filter((one) => one.flow === metric.flow && one.quantity === metric.quantity),
    );
    const sdPair = medianOf(seen.map((one) => one.sdPair));
    return sdPair === null ? [] : [outlookOf(metric, sdPair, gate)];
  });
  if (known.length === 0) {
    const how =
      gate.aa === true
        ? 'this gate measures it'
        : `measure it first with: gauntlet gate ${campaign} --aa --target ${gate.baseline}`;
    return [`The noise of this place is not known, so neither is what this gate can find: ${how}.`];
  }
  const times = `${latest.length} earlier ${latest.length === 1 ? 'measurement' : 'measurements'}`;
  const day = latest[0]?.measuredAt.slice(0, 10) ?? '';
  return known.map(
    (one) => `From ${times} of this place (latest ${day}): ${noiseSentence(one, gate)}.${warning(one, gate)}`,
  );
}

/** Said before the load: afterwards it would have been for nothing. */
function warning({ pairsNeeded }: MetricNoise, { looks }: GatePlan): string {
  const most = looks.at(-1) ?? 0;
  return (pairsNeeded ?? Number.POSITIVE_INFINITY) > most ? ' Expect INCONCLUSIVE from equal versions.' : '';
}
