/**
 * Which records a run follows: those that the good answers of its scenarios promise, in topics of which the
 * system's file says where they carry the id.
 */
import type { CampaignGoals } from '../../config/campaign-goals.ts';
import type { CampaignLoad } from '../../config/campaign-load.ts';
import type { Place, Problem } from '../../core/errors.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { RecordsPlan } from '../../core/records.ts';
import { endpointOf, type Topology } from '../../core/topology.ts';
import { isOnRecords } from '../../measure/judge-records.ts';

export interface FlowRecords {
  /** The names of the topics; null: they are not followed. */
  readonly topics: readonly string[] | null;
  /** Why not, and what to do. */
  readonly why: string;
  readonly next: string;
}

/** @param topology null: not known before the target is up. */
export function recordsOfFlow(
  { scenario }: Pick<CampaignLoad, 'scenario'>,
  flow: string,
  topology: Topology | null,
  target: string,
): FlowRecords {
  const asked = scenario.records?.[flow];
  const not = (why: string, next: string): FlowRecords => ({ topics: null, why, next });
  if (asked === undefined)
    return not(
      `scenario ${scenario.name} does not say which topics a good answer writes to`,
      `Add records: [TOPIC] to the flow in its description, and send iterationId() as the correlation id.`,
    );
  const written = asked.written.join(', ');
  const [first] = asked.topics;
  if (first === undefined)
    return not(
      `the system declares no topic ${written} with a correlation`,
      `Add correlation: { header: NAME } or { field: PATH } to the topic in the system's file.`,
    );
  const lacks = asked.topics.find(
    ({ service }) => topology !== null && endpointOf(topology, service, 'kafka') === undefined,
  );
  if (lacks !== undefined)
    return not(
      `target ${target} has no address of ${lacks.service}, which keeps ${written}`,
      `Add services.${lacks.service}.address to the target file.`,
    );
  const own = asked.topics.filter((one) => one.service === first.service);
  return { topics: own.map((one) => one.name), why: '', next: '' };
}

/** Absent: no flow of the plan has records that are followed. */
export function recordsPlan(
  load: readonly ScenarioLoad[],
  asked: readonly Pick<CampaignLoad, 'scenario'>[],
): { readonly records?: RecordsPlan } {
  const names = new Set(load.flatMap((one) => one.flows.flatMap((flow) => flow.records ?? [])));
  const known = asked.flatMap(({ scenario }) => Object.values(scenario.records ?? {}));
  const topics = known.flatMap((one) => one.topics).filter((one) => names.has(one.name));
  const [first] = topics;
  if (first === undefined) return {};
  const byName = new Map(topics.map(({ name, correlation }) => [name, { name, correlation }]));
  return { records: { service: first.service, topics: [...byName.values()] } };
}

/** Objectives on records that are not followed. */
export function recordProblems(
  { objectives, places }: CampaignGoals,
  flows: ReadonlyMap<string, FlowRecords>,
  elsewhere: Place,
): readonly Problem[] {
  return objectives.flatMap((objective, index): readonly Problem[] => {
    const found = flows.get(objective.flow);
    if (!isOnRecords(objective) || found === undefined || found.topics !== null) return [];
    const { why: got, next } = found;
    const expected = `records of ${objective.flow} that can be followed`;
    return [{ subject: 'objective', expected, got, next, place: places[index] ?? elsewhere }];
  });
}

/** Both sides of a gate answer by themselves, and their ids are of other runs. */
export function withoutRecords({ records: _none, paths: _neither, ...plan }: Plan): Plan {
  const load = plan.load.map((one) => ({
    ...one,
    flows: one.flows.map(({ records: _not, ...flow }) => flow),
  }));
  return { ...plan, load };
}

/** What a plan says of them. */
export function recordLines({ records, paths = [], load, gate }: Plan): readonly string[] {
  if (gate !== undefined) return [];
  const flows = load.flatMap((one) => one.flows.filter((flow) => flow.records !== undefined));
  if (records === undefined) return ['Records are not followed: no flow has records that can be'];
  const topics = records.topics.map((one) => one.name).join(', ');
  return [
    `Records of ${flows.map((one) => one.flow).join(', ')}: read after the load from ${topics}`,
    ...paths.map(
      ({ name, stages }) => `Path ${name}: followed over ${stages.map((one) => one.name).join(' → ')}`,
    ),
  ];
}
