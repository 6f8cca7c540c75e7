/**
 * Which paths a run follows: those that an objective names. Their first stage gets the records of the load,
 * and their topics all say where a record carries the id of its request.
 */
import type { Campaign } from '../../config/read-campaign.ts';
import type { Problem } from '../../core/errors.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import { flowsOfPath, type PathPlan, type StageTopic } from '../../core/paths.ts';
import type { RecordsPlan } from '../../core/records.ts';
import type { Topic, TopicPath } from '../../core/system.ts';

interface Unfollowed {
  readonly why: string;
  readonly next: string;
}

export interface PathsPlan {
  readonly paths: readonly PathPlan[];
  /** Objectives on paths that are not followed. */
  readonly problems: readonly Problem[];
}

/** @param records undefined: no flow of the load has records that are followed. */
export function pathsPlan(
  load: readonly ScenarioLoad[],
  records: RecordsPlan | undefined,
  { paths = [], goals, targetPlace }: Pick<Campaign, 'paths' | 'goals' | 'targetPlace'>,
): PathsPlan {
  const asked = goals.objectives.map((one) => one.flow);
  const planned = paths
    .filter((path) => flowsOfPath(path).some((flow) => asked.includes(flow)))
    .map((path) => ({ path, plan: planOf(path, load, records) }));
  const problems = goals.objectives.flatMap(({ flow }, index): readonly Problem[] => {
    const found = planned.find(({ path }) => flowsOfPath(path).includes(flow))?.plan;
    if (found === undefined || 'flows' in found) return [];
    const { why: got, next } = found;
    const place = goals.places[index] ?? targetPlace;
    return [{ subject: 'objective', expected: `a path ${flow} that can be followed`, got, next, place }];
  });
  return { paths: planned.flatMap(({ plan }) => ('flows' in plan ? [plan] : [])), problems };
}

function planOf(
  { name, stages, withinMs }: TopicPath,
  load: readonly ScenarioLoad[],
  records: RecordsPlan | undefined,
): PathPlan | Unfollowed {
  const topics = stages.flatMap((one) => one.topics);
  const mute = topics.find((one) => one.correlation === null);
  if (mute !== undefined)
    return {
      why: `topic ${mute.name} has no correlation`,
      next: "Add correlation: { header: NAME } or { field: PATH } to it in the system's file.",
    };
  const first = stages[0]?.topics.map((one) => one.name) ?? [];
  const flows = load
    .flatMap((one) => one.flows)
    .filter(({ records: own = [] }) => own.length > 0 && own.every((one) => first.includes(one)))
    .map((one) => one.flow);
  if (records === undefined || flows.length === 0)
    return {
      why: `no flow of the load that writes to ${stages[0]?.name} alone`,
      next: 'Add a scenario whose flow says records: [TOPIC] of the first stage.',
    };
  const elsewhere = topics.find((one) => one.service !== records.service);
  if (elsewhere !== undefined)
    return {
      why: `topic ${elsewhere.name} of ${elsewhere.service}, and ${records.service} has those of the load`,
      next: 'Divide the path: one is followed on the brokers of one service.',
    };
  return {
    ...{ name, withinMs, flows },
    stages: stages.map(({ name: stage, topics: own, ends }) => ({
      name: stage,
      topics: own.map(stageTopic),
      ...(ends !== null && { ends }),
    })),
  };
}

const stageTopic = ({ name, correlation, by, carries, per }: Topic): StageTopic => ({
  ...{ name, correlation: correlation ?? { header: '' } },
  ...(by !== undefined && { by }),
  ...(carries !== undefined && { carries }),
  ...(per !== undefined && { per }),
});
