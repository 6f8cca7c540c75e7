/** The faults of a run, each with what recovered from it. */
import { eventsOf } from '../../core/events.ts';
import { flowOn } from '../../core/gate.ts';
import { asksIn } from '../../core/objective.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultRecord, Phase } from '../../core/result.ts';
import type { Evidence } from '../evidence/read-evidence.ts';
import { withGroups } from './group-parts.ts';
import { layersOf } from './kafka-layers.ts';
import type { JudgedPaths } from './paths.ts';
import { endOfStretch, recoveriesOf, recoveryTable, watchEnd } from './recoveries.ts';

export function faultsOf(
  {
    plan,
    events,
    stored,
    probesOf,
    kafka,
  }: Pick<Evidence, 'plan' | 'events' | 'stored' | 'probesOf' | 'kafka'>,
  phases: readonly Phase[],
  paths: JudgedPaths,
): readonly FaultRecord[] {
  const told = eventsOf(events, 'fault-done').map((event) => event.record);
  const records = withGroups(told, plan.faults);
  const flows = plan.load.flatMap((one) => one.flows.map((flow) => flow.flow));
  const baselines = new Map(eventsOf(events, 'baseline').map((event) => [event.flow, event.failedRatio]));
  return records.map((record) => {
    const { holdMs } = plan.recovery;
    const until = watchEnd(record, { flows, events, records, phases });
    const answers = recoveriesOf({
      record,
      flows: flows.filter((flow) => isWatched(flow, record, plan)),
      data: stored.data,
      probes: probesOf(record.name),
      asks: asksIn(plan.objectives),
      holdMs,
      baselineRatio: (flow) => baselines.get(flow) ?? 0,
      until,
    });
    // What is read of Kafka goes on after the watch, up to the next fault.
    const later = { until: endOfStretch(record, { flows, events, records, phases }), holdMs };
    const found = layersOf(record, kafka, later);
    const layers = { ...paths.recoveries(record, later.until, holdMs), ...found.layers };
    const own = {
      ...(Object.keys(layers).length > 0 && { layers }),
      ...(Object.keys(found.kafka).length > 0 && { kafka: found.kafka }),
    };
    return { ...record, recovery: recoveryTable(answers), ...own };
  });
}

/** In a gate a fault hits one side: the flows of the other say nothing of it. */
function isWatched(flow: string, { name }: FaultRecord, { faults }: Plan): boolean {
  const side = faults.find((one) => one.name === name)?.side;
  return side === undefined || flow.endsWith(flowOn('', side));
}
